/** Writing roff with the macros of man(7): text is escaped, so that none of it is taken for a request. */

/** Longest line of source that mandoc finds good style. */
const longestLine = 80

/** Text on lines of its own, filled by roff. What would be a request at the beginning of a line is none. */
export function roffText(text: string): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines[lines.length - 1]
    const shown = escaped(word)
    if (last !== undefined && `${last} ${shown}`.length <= longestLine) lines[lines.length - 1] = `${last} ${shown}`
    else lines.push(/^[.']/.test(shown) ? `\\&${shown}` : shown)
  }
  return lines.join('\n')
}

/** Characters as roff shows them literally: hyphens stay ASCII (people copy options), others go by their code point. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/[^\u0020-\u007e]/gu, (character) => `\\[u${codePoint(character)}]`)
}

function codePoint(character: string): string {
  return character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
}

/** A macro on a line of its own, its arguments quoted. */
export function roffMacro(name: string, ...operands: string[]): string {
  return [`.${name}`, ...operands.map((operand) => `"${escaped(operand)}"`)].join(' ')
}

/** Paragraphs, separated by empty lines in `text`. */
export function roffParagraphs(text: string): string {
  const paragraphs = text.split(/\n\s*\n/).map(roffText)
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n.PP\n')
}

/** A term in bold and its meaning, indented. */
export function roffItem(term: string, meaning: string): string {
  return `.TP\n${roffMacro('B', term)}\n${roffText(meaning)}`
}

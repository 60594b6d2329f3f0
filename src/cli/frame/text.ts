/** Columns of a terminal: how wide text is, how it is wrapped and filled. */

// Characters of East Asian width W or F (UAX #11) and emoji, which take two columns.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/gu
const combining = /\p{Mark}/gu
const styling = /\x1b\[[\d;]*m/g
const ascii = /^[\u0020-\u007e]*$/

/** Columns that `text` takes on a terminal; styles that our own painter added take none. */
export function columnsOf(text: string): number {
  if (ascii.test(text)) return text.length
  const bare = text.replace(styling, '').replace(combining, '')
  return [...bare].length + (bare.match(wide)?.length ?? 0)
}

/** `text` filled with blanks to `columns`. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** `text` in at most `columns`, cut in the middle, since long names and paths tell themselves apart at their ends. */
export function cutInMiddle(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const characters = [...text]
  let kept = columns - 1
  for (;;) {
    const head = characters.slice(0, Math.ceil(kept / 2))
    const shown = `${head.join('')}…${characters.slice(characters.length - Math.floor(kept / 2)).join('')}`
    if (columnsOf(shown) <= columns) return shown
    kept--
  }
}

/**
 * Paragraphs (separated by empty lines) wrapped at blanks to lines of at most `columns`, each behind `indent` blanks.
 * A word that is longer stands on a line of its own.
 */
export function wrapped(text: string, columns: number, indent = 0): string {
  const margin = ' '.repeat(indent)
  const paragraphs = text.split(/\n\s*\n/)
  return paragraphs.map((paragraph) => wrapParagraph(paragraph, columns - indent, margin)).join('\n\n')
}

function wrapParagraph(paragraph: string, columns: number, margin: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of paragraph.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && columnsOf(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  if (line !== '') lines.push(line)
  return lines.map((content) => margin + content).join('\n')
}

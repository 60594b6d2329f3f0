/** Variables in lab files: `${NAME}`, with what stands for one that is not set. */

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const DEEPEST = 8

/**
 * Replaces `${NAME}`, `${NAME:-word}` and `${NAME-word}` (when it is not set; with a colon: or empty), `${NAME:=word}` and
 * `${NAME=word}` (the same here), `${NAME:+word}` and `${NAME+word}` (when it is set), `${NAME:?text}` and `${NAME?text}`
 * (a mistake when it is not), as sh(1) has them. `$$` is a dollar sign; `$NAME` without braces stays as it is, because it
 * is common in commands that a node's shell runs.
 * @returns the mistake when a variable without a substitute is not set
 */
export function expandVariables(text: string, variables: Variables, depth = 0): string | { readonly mistake: string } {
  if (!text.includes('$')) return text
  let result = ''
  for (let at = 0; at < text.length; ) {
    if (text.startsWith('$$', at)) {
      result += '$'
      at += 2
    } else if (text.startsWith('${', at)) {
      const end = closingBrace(text, at + 2)
      if (end === -1) return { mistake: 'a variable begins with ${ and never ends; a dollar sign itself is written $$' }
      const value = substituteFor(text.slice(at + 2, end), variables, depth)
      if (typeof value !== 'string') return value
      result += value
      at = end + 1
    } else {
      result += text[at++]
    }
  }
  return result
}

/** Substitutes may have variables of their own. */
function closingBrace(text: string, from: number): number {
  let open = 1
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) open++
    else if (text[at] === '}' && --open === 0) return at
  }
  return -1
}

function substituteFor(expression: string, variables: Variables, depth: number): string | { readonly mistake: string } {
  const [, name = '', colon, operator, word = ''] = /^([^:\-=+?]*)(:?)([-=+?])?([\s\S]*)$/.exec(expression) ?? []
  if (!NAME.test(name) || (operator === undefined && (colon !== '' || word !== ''))) {
    return { mistake: `\${${expression.slice(0, 40)}} is not a variable: write \${NAME} or \${NAME:-word}` }
  }
  if (depth === DEEPEST) return { mistake: `the substitutes of \${${name}} are nested too deep` }
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  const isSet = value !== undefined && (colon === '' || value !== '')
  if (operator === '+') return isSet ? expandVariables(word, variables, depth + 1) : ''
  if (isSet) return value
  if (operator === '-' || operator === '=') return expandVariables(word, variables, depth + 1)
  if (operator === '?')
    return { mistake: `the variable ${name} is not set${word === '' ? '' : `: ${word.slice(0, 80)}`}` }
  return { mistake: `the variable ${name} is not set; set it, or write \${${name}:-word} for what stands for it` }
}

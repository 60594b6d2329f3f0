/**
 * Text from outside (names of containers and interfaces, labels, process names, error texts) shown harmlessly: nothing in
 * it can move the cursor, colour the screen, reverse the direction of writing or make a line longer than it should be.
 */

/** Length that names are cut to, in UTF-16 units. */
const usualLength = 256

// C0 and C1 controls (ECMA-48; ESC and the one-byte CSI begin terminal commands), line and paragraph separators, the marks,
// overrides and isolates of the bidirectional algorithm (UAX #9), zero-width and invisible characters with which two
// different names look the same, and halves of surrogate pairs.
const harmful =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g

/** Nearly everything shown is plain ASCII: this test costs a tenth of the one above. */
const plain = /^[\u0020-\u007e]*$/

/**
 * `text` as it may be shown on a terminal: harmful characters as `\x1b`, `\u202e` or `\n`, and no more than `length`
 * UTF-16 units of it, an ellipsis standing for the rest.
 */
export function printable(text: string, length = usualLength): string {
  if (text.length <= length && plain.test(text)) return text
  const shown = text.length > length * 2 ? text.slice(0, length * 2) : text
  const escaped = shown.replace(harmful, escapeCharacter)
  return escaped.length <= length && shown.length === text.length ? escaped : cut(escaped, length)
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeCharacter(character: string): string {
  const short = shortEscapes[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0)!
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function cut(text: string, length: number): string {
  let end = Math.max(0, length - 1)
  const last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end--
  return `${text.slice(0, end)}…`
}

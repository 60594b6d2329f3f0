/** How wide text is, without a font at hand: never less than the widest of the usual fonts makes it. */

/** Advance widths in hundredths of the font size, by class of character; those of DejaVu Sans, the widest of its kind. */
const SANS: readonly (readonly [pattern: RegExp, width: number])[] = [
  [/[ijl'|]/, 28],
  [/[.,:;!I ()[\]/\\t"]/, 40],
  [/[frJ`*-]/, 42],
  [/[mMW@%]/, 100],
  [/[w&]/, 83],
  [/[A-Z<>=+~#…]/, 84],
  [/[ -~]/, 62],
  // Latin, Greek and Cyrillic letters with marks; everything else may be as wide as the font is high, emoji wider.
  [/[\u00a0-\u052f]/, 78],
]
const WIDEST = 120
/** Bold letters are this much wider. */
const BOLD = 1.1
/** Advance width of every character of a monospaced font, in parts of the font size. */
const MONO = 0.605

/** A face of the drawing's two fonts. */
export type Face = 'sans' | 'bold' | 'mono'

/** Width of a text in pixels. */
export function textWidth(text: string, size: number, face: Face): number {
  let hundredths = 0
  for (const character of text) hundredths += advance(character, face)
  return (hundredths * size * (face === 'bold' ? BOLD : 1)) / 100
}

function advance(character: string, face: Face): number {
  if (face === 'mono' && character <= '~') return MONO * 100
  return SANS.find(([pattern]) => pattern.test(character))?.[1] ?? WIDEST
}

/** The beginning of a text that fits into `width` pixels, with an ellipsis when it is not the whole. */
export function fitted(text: string, size: number, face: Face, width: number): string {
  if (textWidth(text, size, face) <= width) return text
  let used = textWidth('…', size, face)
  let shown = ''
  for (const character of text) {
    used += textWidth(character, size, face)
    if (used > width) break
    shown += character
  }
  return `${shown.trimEnd()}…`
}

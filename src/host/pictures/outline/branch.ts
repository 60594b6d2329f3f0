/** The parts that the text picture is made of, before anybody decides on columns, colours and characters. */

/** What a piece of text is; the one who shows it chooses a colour, and a character for a `glyph`. */
export type Role =
  | 'title'
  | 'interface'
  | 'kind'
  | 'address'
  | 'network'
  | 'broken'
  | 'odd'
  | 'quiet'
  /** Text is a `Glyph`. */
  | 'glyph'

/** Drawn signs: a wire between two ends, a tunnel to another host, the signs of what is broken and odd. */
export type Glyph = 'wire' | 'tunnel' | 'broken' | 'odd'

/** A piece of text in one role. It may come from outside: escape it where it is shown. */
export interface Span {
  readonly text: string
  readonly role: Role
}

/** A cell of a line; cells of the lines beside it stand in one column. */
export type Cell = readonly Span[]

/** A line, and the lines that belong beneath it. */
export interface Branch {
  readonly cells: readonly Cell[]
  readonly children: readonly Branch[]
}

/** A span. */
export function span(role: Role, text: string): Span {
  return { role, text }
}

/** The sign for a wire, a tunnel, something broken or odd. */
export function glyph(sign: Glyph): Span {
  return { role: 'glyph', text: sign }
}

/** Something is broken in this line or beneath it. */
export function isTroubled(branch: Branch): boolean {
  return branch.cells.some((cell) => cell.some(({ role }) => role === 'broken')) || branch.children.some(isTroubled)
}

/**
 * Pictures of the graph. `arrangement.ts` decides where each namespace is drawn, `titles.ts` what it is called, `marks.ts`
 * what looks broken; from these `outline/` makes the text picture's content (who shows it chooses characters and colours),
 * `dot.ts` and `mermaid.ts` text for other programs, and `svg/` a drawing. `neighbourhood.ts` cuts a part out of a graph.
 */
export { drawDot } from './dot.ts'
export type { Mark } from './marks.ts'
export { drawMermaid } from './mermaid.ts'
export { neighbourhoodOf } from './neighbourhood.ts'
export type { Branch, Cell, Glyph, Role, Span } from './outline/branch.ts'
export { type OutlineOptions, outlineGraph } from './outline/outline.ts'
export { summarizeGraph } from './summary.ts'
export { drawSvg, type SvgOptions } from './svg/draw-svg.ts'
export type { Theme } from './svg/theme.ts'
export { namespaceTitle, namespaceTitles } from './titles.ts'

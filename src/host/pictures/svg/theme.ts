/** Colours and fonts of the drawing. Nothing is told by colour alone. */

/** Light, dark, or whichever the viewer prefers. */
export type Theme = 'light' | 'dark' | 'auto'

interface Palette {
  readonly paper: string
  readonly ink: string
  readonly muted: string
  readonly frame: string
  readonly edge: string
  readonly card: string
  readonly wire: string
  readonly bridge: string
  readonly overlay: string
  readonly broken: string
  readonly odd: string
}

// Text reaches a contrast of 4.5 to 1 on paper, frame and card (WCAG 2.2, 1.4.3).
const light: Palette = {
  paper: '#ffffff',
  ink: '#17202a',
  muted: '#566270',
  frame: '#f4f6f8',
  edge: '#b9c3cd',
  card: '#ffffff',
  wire: '#66727f',
  bridge: '#1f6699',
  overlay: '#7040a8',
  broken: '#b3261e',
  odd: '#7d5200',
}

const dark: Palette = {
  paper: '#11161b',
  ink: '#e7ecf1',
  muted: '#9eabb8',
  frame: '#181f26',
  edge: '#42505d',
  card: '#212a33',
  wire: '#8795a3',
  bridge: '#67b1e6',
  overlay: '#bd97ee',
  broken: '#ff8a80',
  odd: '#f0bd58',
}

const fonts =
  'text{font-family:system-ui,"Segoe UI","DejaVu Sans",Helvetica,Arial,sans-serif}' +
  '.bold{font-weight:600}' +
  '.mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}'

/** The style sheet. Colours are written out: viewers other than browsers know no CSS variables. */
export function styleSheet(theme: Theme): string {
  if (theme === 'light') return fonts + rules(light)
  if (theme === 'dark') return fonts + rules(dark)
  return `${fonts + rules(light)}@media (prefers-color-scheme:dark){${rules(dark)}}`
}

function rules(palette: Palette): string {
  return [
    `.paper{fill:${palette.paper}}`,
    `.ink{fill:${palette.ink}}`,
    `.muted{fill:${palette.muted}}`,
    `.bridge-text{fill:${palette.bridge}}`,
    `.overlay-text{fill:${palette.overlay}}`,
    `.broken-text{fill:${palette.broken}}`,
    `.odd-text{fill:${palette.odd}}`,
    `.frame{fill:${palette.frame};stroke:${palette.edge}}`,
    `.overlay-frame{fill:${palette.frame};stroke:${palette.overlay};stroke-width:1.5}`,
    `.card{fill:${palette.card};stroke:${palette.edge}}`,
    `.elsewhere{fill:none;stroke:${palette.edge};stroke-dasharray:4 3}`,
    `.broken-card{fill:${palette.card};stroke:${palette.broken};stroke-width:2}`,
    `.wire{fill:none;stroke:${palette.wire};stroke-width:1.5}`,
    `.broken-wire{fill:none;stroke:${palette.broken};stroke-width:1.5;stroke-dasharray:5 4}`,
    `.rail{fill:none;stroke:${palette.bridge};stroke-width:4;stroke-linecap:round;stroke-linejoin:round}`,
    `.overlay-rail{fill:none;stroke:${palette.overlay};stroke-width:4;stroke-linecap:round;stroke-linejoin:round}`,
    `.thin-rail{fill:none;stroke:${palette.wire};stroke-width:1.5;stroke-dasharray:2 3}`,
    `.tunnel{fill:none;stroke:${palette.overlay};stroke-width:1.5;stroke-dasharray:8 3}`,
    `.tunnel-head{fill:${palette.overlay}}`,
    `.plug{fill:${palette.wire}}`,
    `.rule{stroke:${palette.edge}}`,
  ].join('')
}

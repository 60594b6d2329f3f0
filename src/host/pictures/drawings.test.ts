/** The drawings for other programs: complete, well-formed, and harmless whatever names are in them. */
import { describe, expect, test } from 'vitest'
import {
  brokenHost,
  dockerHost,
  hostileHost,
  manyContainers,
  overlayHost,
  ringLab,
  routerLab,
  stackedHost,
} from '../../../test/fixtures/graphs/worlds.ts'
import { drawDot } from './dot.ts'
import { drawMermaid } from './mermaid.ts'
import { drawSvg } from './svg/draw-svg.ts'
import { titleParts } from './titles.ts'

const worlds = {
  dockerHost,
  overlayHost,
  routerLab,
  brokenHost,
  hostileHost,
  stackedHost,
  ring: () => ringLab(30),
  many: () => manyContainers(50),
}

describe('dot', () => {
  test.each(Object.entries(worlds))('%s: statements with balanced quotes, one a line', (_, world) => {
    for (const line of drawDot(world()).trimEnd().split('\n')) {
      const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, 'Q')
      expect(bare).toMatch(/^[\w\s[\]{}=,.;+Q-]*$/)
    }
  })

  test('has a cluster for each namespace and an edge for each link', () => {
    const graph = dockerHost()
    const text = drawDot(graph)
    expect(text.match(/subgraph "cluster \d+"/g)).toHaveLength(graph.namespaces.length)
    for (const link of graph.links) expect(text).toContain(`"${link.from}" -- "${link.to}"`)
    expect(text).toContain('label="web (docker)"')
    expect(text).toContain('"docker0" + "\\n" + "bridge" + "\\n" + "172.17.0.1/16"')
  })

  test('draws tunnel ends on other hosts as nodes of their own', () => {
    expect(drawDot(overlayHost())).toContain('[label="vxlan 4097, 2 MACs", style=dashed]')
  })
})

describe('mermaid', () => {
  test.each(Object.entries(worlds))('%s: only statements that we mean', (_, world) => {
    const label = '"[\\p{L}\\p{N} .:/,()+✗!…\uFFFD#;<>-]*"'
    const statement = new RegExp(
      `^(flowchart LR|  subgraph n\\d+\\[${label}\\]|  end|    i\\d+(\\(${label}\\)|\\[\\[${label}\\]\\])(:::\\w+)?` +
        `|  i\\d+ ---(\\|${label}\\|)? i\\d+|  i\\d+ -\\.-(\\|${label}\\|)? r\\d+>${label}\\]:::remote|  classDef [\\w:#, -]+)$`,
      'u',
    )
    for (const line of drawMermaid(world()).trimEnd().split('\n')) expect(line).toMatch(statement)
  })

  test('joins the two ends of a wire', () => {
    const text = drawMermaid(dockerHost())
    expect(text).toContain('subgraph n1["web (docker)"]')
    expect(text.match(/ --- /g)).toHaveLength(6)
  })
})

describe('svg', () => {
  test.each(Object.entries(worlds))('%s: is well-formed XML', (_, world) => {
    expect(faultsOfXml(drawSvg(world()))).toEqual([])
  })

  test.each(Object.entries(worlds))('%s: needs nothing from elsewhere and runs nothing', (_, world) => {
    const text = drawSvg(world())
    expect(text).not.toMatch(/<script|<image|<foreignObject|\shref=|\son\w+=|@import|url\(/i)
  })

  test.each(Object.entries(worlds))('%s: nothing is drawn outside of the paper', (_, world) => {
    const text = drawSvg(world())
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(text)!.map(Number)
    for (const [, x, y, wide, high] of text.matchAll(
      /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )) {
      expect(Number(x) + Number(wide)).toBeLessThanOrEqual(width!)
      expect(Number(y) + Number(high)).toBeLessThanOrEqual(height!)
    }
  })

  test.each(Object.entries(worlds))('%s: no two cards overlap', (_, world) => {
    const cards = [
      ...drawSvg(world()).matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" rx="5"/g),
    ]
      .map(([, ...numbers]) => numbers.map(Number) as [number, number, number, number])
      .sort((a, b) => a[1] - b[1])
    cards.forEach(([x, y, width, height], at) => {
      for (const [x2, y2, width2] of cards.slice(at + 1)) {
        if (y2 >= y + height) break
        expect(x2 >= x + width || x2 + width2 <= x).toBe(true)
      }
    })
  })

  test('says what it is to those who cannot see it', () => {
    const text = drawSvg(dockerHost())
    expect(text).toContain('role="img"')
    expect(text).toContain('aria-label="Network map of thinkpad: 4 namespaces')
    expect(text).toContain('<title>web (docker)\neth0, veth, 172.17.0.2/16')
  })

  test('shows names, runtimes and addresses as text', () => {
    const text = drawSvg(manyContainers(50))
    for (const shown of ['shop-database-7', '172.22.0.9/16', 'br-frontend', 'veth0000007']) {
      expect(text).toContain(`>${shown}<`)
    }
  })

  test.each([
    dockerHost,
    overlayHost,
    routerLab,
    brokenHost,
    stackedHost,
    () => ringLab(30),
    () => manyContainers(200),
  ])('names every namespace and every interface that is worth it (%#)', (world) => {
    const graph = world()
    const text = drawSvg(graph)
    for (const node of graph.namespaces) expect(text).toContain(titleParts(node).name)
    for (const node of graph.interfaces) if (node.kind !== 'loopback') expect(text).toContain(node.name)
  })

  test('names VXLAN id and tunnel ends', () => {
    const text = drawSvg(overlayHost())
    for (const shown of ['vxlan id 4097', '192.0.2.11', '192.0.2.12']) expect(text).toContain(`>${shown}<`)
  })

  test('follows the viewer’s preference unless a theme is wanted', () => {
    const count = (text: string) => [text.includes('prefers-color-scheme:dark'), text.includes('#11161b')]
    expect(count(drawSvg(dockerHost()))).toEqual([true, true])
    expect(count(drawSvg(dockerHost(), { theme: 'light' }))).toEqual([false, false])
    expect(count(drawSvg(dockerHost(), { theme: 'dark' }))).toEqual([false, true])
  })
})

/** What keeps a text from being well-formed XML, as far as our drawings use it (XML 1.0, 2.1). */
function faultsOfXml(text: string): string[] {
  const faults: string[] = []
  const open: string[] = []
  const token = /<\?xml [^?]*\?>|<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
  let end = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    end = token.lastIndex
    const [whole, closing, name, , empty] = match
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(whole)) faults.push(`bare ampersand in ${whole}`)
    if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(whole))
      faults.push(`forbidden character in ${whole}`)
    if (name === undefined) continue
    if (closing === '/') {
      if (open.pop() !== name) faults.push(`</${name}> closes nothing`)
    } else if (empty !== '/') open.push(name)
  }
  if (end !== text.length) faults.push(`no XML: ${text.slice(end, end + 60)}`)
  return [...faults, ...open.map((name) => `<${name}> stays open`)]
}

/** `netwright map` on this host, compared with what iproute2 says of a small world made for it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawSvg, type Graph } from '../../src/host/index.ts'
import { brokenHost, dockerHost, hostileHost, manyContainers, overlayHost } from '../fixtures/graphs/worlds.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const prefix = `nwt-map-${process.pid}`
const [sw, web, db] = ['sw', 'web', 'db'].map((name) => `${prefix}-${name}`) as [string, string, string]
let directory: string

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' })

/** A switch with a bridge and a vxlan, two hosts behind it; the link of the second is down at its end. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), `${prefix}-`))
  for (const name of [sw, web, db]) ip('netns', 'add', name)
  ip('-n', sw, 'link', 'add', 'br0', 'type', 'bridge')
  ip('-n', sw, 'addr', 'add', '10.77.0.1/24', 'dev', 'br0')
  ip('-n', sw, 'link', 'set', 'br0', 'up')
  for (const [at, name] of [web, db].entries()) {
    ip('link', 'add', 'name', `port${at}`, 'netns', sw, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    ip('-n', sw, 'link', 'set', `port${at}`, 'master', 'br0', 'up')
    ip('-n', name, 'addr', 'add', `10.77.0.${at + 2}/24`, 'dev', 'eth0')
  }
  ip('-n', web, 'link', 'set', 'eth0', 'up')
  ip('-n', sw, 'link', 'add', 'vx7', 'type', 'vxlan', 'id', '7077', 'dstport', '4789', 'remote', '192.0.2.77')
  ip('-n', sw, 'link', 'set', 'vx7', 'master', 'br0', 'up')
})

afterAll(() => {
  for (const name of [sw, web, db]) if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name)
  rmSync(directory, { recursive: true })
})

describe('the tree', () => {
  test('around a namespace names both ends of its links and marks what is broken', () => {
    const { code, answer } = runProgram(['map', `ns:${web}`], { environment: { LC_ALL: 'C.UTF-8' } })
    expect(code).toBe(0)
    const lines = answer.split('\n')
    expect(lines[0]).toBe(`${sw} (netns)`)
    expect(lines[1]).toContain('br0  bridge 10.77.0.1/24')
    expect(lines.find((line) => line.includes('port0'))).toMatch(`── eth0 of ${web} (netns)  10.77.0.2/24`)
    expect(lines.find((line) => line.includes('port1'))).toMatch(/10\.77\.0\.3\/24 +✗ eth0 down$/)
    expect(lines.find((line) => line.includes('vx7'))).toContain('vxlan id 7077, port 4789')
    expect(answer).toContain('⇢ 192.0.2.77')
    expect(lines.at(-2)).toMatch(/^3 namespaces, \d+ interfaces, \d+ links, 1 network; 1 interface marked as broken$/)
  })

  test('of the whole host has the namespaces too, and is drawn in ASCII in a C locale', () => {
    const { code, answer } = runProgram(['map', '--all'], { environment: { LC_ALL: 'C' } })
    expect(code).toBe(0)
    expect(answer).toMatch(/^[\n -~]*$/)
    for (const name of [sw, web, db]) expect(answer).toContain(name)
  })
})

describe('the document', () => {
  test('follows its schema and agrees with iproute2', () => {
    const { code, answer } = runProgram(['map', '--json'])
    expect(code).toBe(0)
    const graph: Graph = JSON.parse(answer)
    expect(schemaFaults('graph', graph)).toEqual([])
    const inode = graph.namespaces.find((node) => node.names.includes(sw))!.inode
    const own = graph.interfaces.filter((node) => node.namespace === inode)
    const theirs = JSON.parse(ip('-j', '-d', '-n', sw, 'addr'))
    expect(own.map((node) => [node.index, node.name, node.mtu]).sort()).toEqual(
      theirs.map((link: Record<string, unknown>) => [link['ifindex'], link['ifname'], link['mtu']]).sort(),
    )
  })

  test('around a namespace follows the same schema', () => {
    const graph = JSON.parse(runProgram(['map', '--format', 'json', db]).answer)
    expect(schemaFaults('graph', graph)).toEqual([])
    expect(graph.namespaces).toHaveLength(3)
  })

  test.each([dockerHost, overlayHost, brokenHost, hostileHost])('of %o follows it too', (world) => {
    expect(schemaFaults('graph', JSON.parse(JSON.stringify(world())))).toEqual([])
  })
})

describe('drawings', () => {
  test.each([
    ['dot', /^graph ".*" \{\n/],
    ['mermaid', /^flowchart LR\n/],
    ['svg', /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg /],
  ])('%s is written to a file', (format, beginning) => {
    const file = join(directory, `map.${format}`)
    const { code, answer } = runProgram(['map', '--format', format, '-o', file, `ns:${web}`])
    expect([code, answer]).toEqual([0, ''])
    expect(readFileSync(file, 'utf8')).toMatch(beginning)
    expect(readFileSync(file, 'utf8')).toContain(web)
  })

  test.each([
    ['dockerHost', dockerHost],
    ['overlayHost', overlayHost],
    ['hostileHost', hostileHost],
    ['50 containers', () => manyContainers(50)],
  ])('the svg of %s is one that another program draws', (_, world) => {
    for (const theme of ['auto', 'light', 'dark'] as const) {
      const input = drawSvg(world(), { theme })
      const picture = execFileSync('rsvg-convert', [], { input, maxBuffer: 64 * 1024 * 1024 })
      expect(picture.subarray(1, 4).toString()).toBe('PNG')
    }
  })
})

describe('what cannot be done is one sentence', () => {
  test.each([
    [['map', 'no-such-namespace'], 3, /^netwright map: no such target "no-such-namespace"/],
    [['map', '-o', '/proc/no/such/file'], 3, /^netwright map: the answer cannot be written to \/proc\/no\/such\/file/],
    [['map', '--json', '--format', 'svg'], 2, /^netwright map: --json and --format svg exclude each other/],
    [['map', '--format', 'png'], 2, /^netwright map: .*png/],
  ])('%j', (words, code, message) => {
    const run = runProgram(words)
    expect([run.code, run.answer]).toEqual([code, ''])
    const own = run.remarks.split('\n').filter((line) => !line.startsWith('netwright: '))
    expect(own[0]).toMatch(message)
    expect(own.slice(1)).toEqual([''])
  })
})

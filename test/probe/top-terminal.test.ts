import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { programWords } from '../support/program.ts'
import { TmuxTerminal } from '../support/tmux.ts'
import { ProbeWorld } from './probe-world.ts'

let world: ProbeWorld
let name: string
let terminal: TmuxTerminal | undefined

beforeAll(() => {
  world = new ProbeWorld('topterm')
  const left = world.add('a')
  const right = world.add('b')
  world.join(left.name, ['west', '192.0.2.1/24'], right.name, ['east', '192.0.2.2/24'])
  name = left.name
})

afterEach(() => {
  terminal?.close()
  terminal = undefined
})

afterAll(() => world?.close())

/** Starts `top` behind a line that must still be there when it has ended. */
async function start(environment: Readonly<Record<string, string>>): Promise<TmuxTerminal> {
  terminal = new TmuxTerminal(80, 24, environment)
  terminal.type('echo the-line-before')
  await terminal.until((lines) => lines.includes('the-line-before'))
  terminal.type(`clear; echo the-line-before; ${programWords(['top', `ns:${name}`, '--interval', '200ms']).join(' ')}`)
  await terminal.until((lines) => lines.some((line) => line.startsWith('NAMESPACE')))
  return terminal
}

async function isAsBefore(shown: TmuxTerminal): Promise<void> {
  const lines = await shown.until((all) => all.includes('the-line-before'))
  expect(lines.some((line) => line.startsWith('NAMESPACE'))).toBe(false)
  expect(shown.alternate).toBe(false)
  expect(shown.cursor).toBe(true)
}

test('80 columns and no colour: a table that fits, keys that switch, and the screen as it was before', async () => {
  const shown = await start({ NO_COLOR: '1' })
  expect(shown.alternate).toBe(true)
  expect(shown.cursor).toBe(false)
  const lines = shown.picture()
  expect(lines[0]).toMatch(/^netwright top {2}\S+ {2}\d\d:\d\d:\d\d {2}1 namespaces, by traffic/)
  expect(lines[1]).toMatch(/^NAMESPACE .* CPU +MEMORY$/)
  expect(lines[1]).toHaveLength(80)
  expect(lines[2]).toContain(name.slice(0, 8))
  expect(lines[23]).toContain('q quit')
  expect(shown.picture(true).join('\n')).not.toMatch(/\x1b\[[\d;]*m/)

  shown.press('l')
  await shown.until((all) => all[1]!.startsWith('LINK') && all.some((line) => line.includes('west')))
  shown.press('s', 's')
  await shown.until((all) => all[0]!.includes('by sent'))
  shown.press('Tab')
  await shown.until((all) => all[1]!.startsWith('CONNECTION'))
  shown.press('Space')
  await shown.until((all) => all[0]!.includes('STOPPED'))
  shown.press('q')
  await isAsBefore(shown)
})

test('a smaller window is filled anew', async () => {
  const shown = await start({ NO_COLOR: '1' })
  shown.resize(60, 10)
  const lines = await shown.until((all) => all.length >= 10 && (all[9] ?? '').startsWith('n namespaces'))
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
  expect(lines.filter((line) => line.startsWith('NAMESPACE'))).toHaveLength(1)
  shown.press('q')
  await isAsBefore(shown)
})

test('Ctrl-C gives the terminal back too', async () => {
  const shown = await start({})
  expect(shown.picture(true).join('\n')).toMatch(/\x1b\[[\d;]*m/)
  shown.press('C-c')
  await isAsBefore(shown)
  shown.type('echo still-$((40 + 2))')
  await shown.until((all) => all.includes('still-42'))
})

test.each(['SIGHUP', 'SIGTERM'] as const)('so does %s', async (signal) => {
  const shown = await start({ NO_COLOR: '1' })
  shown.signal(signal)
  await isAsBefore(shown)
})

import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ethtool } from '../../src/kernel/genetlink/index.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'

const name = `nwt-ethtool-${process.pid}`
const cleanups: (() => void)[] = []
let ethtool: Ethtool

function ip(...words: string[]): void {
  execFileSync('ip', ['-n', name, ...words])
}

function run(command: string, ...words: string[]): string {
  return execFileSync('ip', ['netns', 'exec', name, command, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

beforeEach(() => {
  execFileSync('ip', ['netns', 'add', name])
  cleanups.push(() => execFileSync('ip', ['netns', 'delete', name]))
  ip('link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right')
  ip('link', 'add', 'switch', 'type', 'bridge')
  const namespace = Namespace.open({ name })
  ethtool = Ethtool.open(namespace)
  cleanups.push(
    () => namespace.close(),
    () => ethtool.close(),
  )
})

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

/** Lines of `ethtool -k`: name → on or off, and whether it is fixed. Names that stand for several features come first. */
function shown(device: string): Map<string, { active: boolean; fixed: boolean }> {
  const lines = run('ethtool', '-k', device).matchAll(/^\s*(\S+): (on|off)( \[fixed\])?/gm)
  return new Map(
    [...lines].map(([, feature = '', value, fixed]) => [
      feature,
      { active: value === 'on', fixed: fixed !== undefined },
    ]),
  )
}

test.each(['left', 'switch'])('every feature of %s is as ethtool shows it', (device) => {
  const expected = shown(device)
  const found = ethtool.features().find((one) => one.interface === device)
  // The program has names of its own for groups and for some old features; those that it shares with the kernel must agree.
  const shared = found!.features.filter((feature) => expected.has(feature.name))
  expect(shared.length).toBeGreaterThan(30)
  for (const { name: feature, active, changeable } of shared) {
    expect({ feature, active, fixed: !changeable }).toEqual({ feature, ...expected.get(feature) })
  }
})

test('a feature that is switched off is seen off', () => {
  const state = (feature: string) =>
    ethtool
      .features()
      .find((one) => one.interface === 'left')
      ?.features.find((one) => one.name === feature)
  expect(state('tx-checksum-ip-generic')).toMatchObject({ active: true, wanted: true, changeable: true })
  run('ethtool', '-K', 'left', 'tx', 'off')
  expect(state('tx-checksum-ip-generic')).toMatchObject({ active: false, wanted: false, changeable: true })
  // Segmentation needs checksums: it is still wanted, but off.
  expect(state('tx-tcp-segmentation')).toMatchObject({ active: false, wanted: true })
})

test('a link tells its speed, duplex and connector', () => {
  const link = ethtool.links().find((one) => one.interface === 'left')
  const text = run('ethtool', 'left')
  expect(text).toContain(`Speed: ${link?.speed}Mb/s`)
  expect(link?.duplex).toBe('full')
  expect(link?.autonegotiation).toBe(false)
  expect(link?.port).toBe('twisted pair')
})

/** What is left when the process is killed between making a pair and marking it as ours. */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BridgeWorld, endpointRecord, networkRecord } from './bridge-world.ts'

const network = networkRecord(1)
let world: BridgeWorld

beforeEach(async () => {
  world = new BridgeWorld('interrupted')
  await world.driver.createNetwork(network)
})
afterEach(() => world.close())

const inHost = (...words: string[]): string =>
  execFileSync('ip', ['-n', world.hostName, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

/** Names of the host's veth interfaces but the uplink. */
function pairs(): string[] {
  const links: { ifname: string }[] = JSON.parse(inHost('-j', 'link', 'show', 'type', 'veth'))
  return links.map(({ ifname }) => ifname).filter((name) => name !== 'up0')
}

function bridge(): string {
  return JSON.parse(inHost('-j', 'link', 'show', 'type', 'bridge'))[0].ifname
}

function pairOnBridge(name: string, ...settings: string[]): void {
  inHost('link', 'add', name, ...settings, 'type', 'veth', 'peer', 'name', `p${name.slice(4)}`, 'netns', world.outside)
  inHost('link', 'set', name, 'master', bridge())
}

test('the next process removes it when it undoes the step', async () => {
  const endpoint = endpointRecord(network, 2, { sandboxId: 'box' })
  pairOnBridge(`veth${endpoint.id.slice(0, 7)}`)
  await world.newDriver().leave(network, endpoint, null)
  expect(pairs()).toEqual([])
})

test('pairs of others stay: of other names, elsewhere, or with an alias', async () => {
  const [first, second, third] = ['1', '2', '3'].map((digit) =>
    endpointRecord(network, Number(digit) + 1, { sandboxId: 'box', id: digit.repeat(64) }),
  )
  const name = (endpoint: typeof first) => `veth${endpoint!.id.slice(0, 7)}`
  // As Docker calls its own.
  pairOnBridge('veth0123abc')
  pairOnBridge(name(second))
  inHost('link', 'set', name(second), 'nomaster')
  pairOnBridge(name(third))
  inHost('link', 'set', name(third), 'alias', 'of somebody')
  const driver = world.newDriver()
  for (const endpoint of [first, second, third]) await driver.leave(network, endpoint!, null)
  expect(pairs().sort()).toEqual(['veth0123abc', name(second), name(third)].sort())
})

import { describe, expect, test } from 'vitest'
import { KernelError } from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { EndpointRecord, NetworkRecord } from '../../model.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { NetworkDriver } from '../driver.ts'
import { createIpvlanDriver } from '../ipvlan/index.ts'
import { createMacvlanDriver } from '../macvlan/index.ts'
import { makingKind, parentRefusal } from './kernel-refusal.ts'
import { vlanOf } from './parent-option.ts'

const nowhere = { host: { fd: -1 }, store: new MemoryStore() }
const macvlan = createMacvlanDriver(nowhere)
const ipvlan = createIpvlanDriver(nowhere)

function network(driver: NetworkDriver, id: string, options: Record<string, string>, more = {}): NetworkRecord {
  const record = {
    id: id.repeat(64),
    name: `net-${id}`,
    driver: driver.name,
    options,
    internal: false,
    pools: [],
    ...more,
  }
  return record as unknown as NetworkRecord
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
  return 'none'
}

test.each([
  ['eth0.10', { base: 'eth0', id: 10 }],
  ['bond0.4094', { base: 'bond0', id: 4094 }],
  ['eth0.100.7', { base: 'eth0.100', id: 7 }],
  ['eth0.0', undefined],
  ['eth0.4095', undefined],
  ['eth0', undefined],
  ['.10', undefined],
  ['lo.10', undefined],
  ['eth0.x', undefined],
])('a parent called %s asks for the VLAN %j', (name, vlan) => {
  expect(vlanOf(name)).toEqual(vlan)
})

describe('a network is refused', () => {
  test.each([
    [macvlan, { parent: 'lo' }],
    [macvlan, { parent: 'a b' }],
    [macvlan, { parent: '..' }],
    [macvlan, { parent: 'x'.repeat(16) }],
    [macvlan, { macvlan_mode: 'Bridge' }],
    [ipvlan, { ipvlan_mode: 'l4' }],
    [ipvlan, { ipvlan_flag: 'passthru' }],
  ])('with options that mean nothing: %# %j', (driver, options) => {
    expect(codeOf(() => driver.validateNetwork(network(driver, 'a', options), []))).toBe('option-invalid')
  })

  test('with options of the other driver, which it does not know', () => {
    expect([...macvlan.networkOptions!]).toEqual(['parent', 'macvlan_mode'])
    expect([...ipvlan.networkOptions!]).toEqual(['parent', 'ipvlan_mode', 'ipvlan_flag'])
  })

  test.each([
    [macvlan, {}, { macvlan_mode: 'private' }, 'none'],
    [macvlan, {}, { macvlan_mode: 'passthru' }, 'parent-taken'],
    [macvlan, { macvlan_mode: 'passthru' }, {}, 'parent-taken'],
    [ipvlan, {}, { ipvlan_mode: 'l2', ipvlan_flag: 'bridge' }, 'none'],
    [ipvlan, {}, { ipvlan_mode: 'l3' }, 'parent-taken'],
    [ipvlan, {}, { ipvlan_flag: 'private' }, 'parent-taken'],
  ])('when it cannot share its parent: %# %j beside %j', (driver, one, other, code) => {
    const beside = (parent: string) => network(driver, 'b', { parent, ...other })
    const wanted = network(driver, 'a', { parent: 'eth0', ...one })
    expect(codeOf(() => driver.validateNetwork(wanted, [wanted, beside('eth0')]))).toBe(code)
    expect(codeOf(() => driver.validateNetwork(wanted, [beside('eth1')]))).toBe('none')
  })
})

test('a gateway is wanted where frames lead out, and nowhere else', () => {
  const wants = (driver: NetworkDriver, options: Record<string, string>, more = {}) =>
    driver.wantsGateway!(network(driver, 'a', options, more))
  expect(wants(macvlan, { parent: 'eth0' })).toBe(true)
  expect(wants(macvlan, {})).toBe(false)
  expect(wants(macvlan, { parent: 'eth0' }, { internal: true })).toBe(false)
  expect(wants(ipvlan, { parent: 'eth0' })).toBe(true)
  expect(wants(ipvlan, { parent: 'eth0', ipvlan_mode: 'l3s' })).toBe(false)
})

test('endpoints of macvlan get MAC addresses of their own; those of ipvlan and passthru can have none', async () => {
  const endpoint = (macAddress: string | null) =>
    ({ name: 'e', macAddress, addresses: ['10.1.2.3/24'], portMappings: [] }) as unknown as EndpointRecord
  const plain = network(macvlan, 'a', { parent: 'eth0' })
  expect(await macvlan.createEndpoint(plain, endpoint(null))).toEqual({ macAddress: '02:42:0a:01:02:03' })
  const passthru = network(macvlan, 'a', { parent: 'eth0', macvlan_mode: 'passthru' })
  expect(await macvlan.createEndpoint(passthru, endpoint(null))).toEqual({})
  for (const [driver, record] of [
    [macvlan, passthru],
    [ipvlan, network(ipvlan, 'a', { parent: 'eth0' })],
  ] as const) {
    await expect(driver.createEndpoint(record, endpoint('02:00:00:00:00:01'))).rejects.toMatchObject({
      code: 'mac-invalid',
    })
  }
})

test('published ports are told to be of no effect', async () => {
  const notices: string[] = []
  const driver = createIpvlanDriver({ ...nowhere, notice: (sentence) => notices.push(sentence) })
  const portMappings = [{ protocol: 'tcp', containerPort: 80 }]
  const endpoint = { name: 'web', macAddress: null, addresses: [], portMappings } as unknown as EndpointRecord
  const record = network(driver, 'a', {})
  await driver.createEndpoint(record, endpoint)
  expect(notices).toEqual([expect.stringContaining('web asks for published ports')])
  expect(await driver.expose(record, endpoint)).toEqual([])
})

test.each([
  [19, 'macvlan', 'parent-unknown'],
  [16, 'macvlan', 'parent-taken'],
  [22, 'macvlan', 'parent-taken'],
  [22, 'ipvlan', undefined],
])('refusal %i of an interface of %s becomes %s', (errno, driver, code) => {
  const refusal = new KernelError({ operation: 'RTM_NEWLINK', errno })
  const told = parentRefusal(refusal, network(driver === 'ipvlan' ? ipvlan : macvlan, 'a', {}), 'eth0')
  expect(told instanceof EngineError ? told.code : undefined).toBe(code)
})

test('a kind that the kernel lacks is told with the module that has it', () => {
  const record = network(macvlan, 'a', {})
  const lacking = (): never => {
    throw new KernelError({ operation: 'RTM_NEWLINK', errno: 95 })
  }
  expect(() => makingKind('vlan', record, lacking)).toThrow(/no vlan interfaces, .* net-a .*modprobe 8021q$/)
  expect(codeOf(() => makingKind('ipvlan', record, lacking))).toBe('kernel-lacks')
})

/** Addresses, routes and rules that our own code makes, compared with what iproute2 reads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddressFamily,
  AddressFlag,
  addAddress,
  addRoute,
  deleteAddress,
  deleteRoute,
  getLink,
  listAddresses,
  listAddressSummaries,
  listRoutes,
  listRules,
  lookUpRoute,
  newRuleRequest,
  nsidOf,
  RouteTable,
  RouteType,
} from '../../src/kernel/rtnetlink/index.ts'
import { type Printed, RtnetlinkWorld } from './rtnetlink-world.ts'

let world: RtnetlinkWorld

beforeAll(() => {
  world = new RtnetlinkWorld('routing')
  world.furnish()
})

afterAll(() => world?.close())

describe('addresses', () => {
  test('are those that ip shows', () => {
    const { index } = world.link('br0')
    addAddress(world.socket, { index, prefix: '10.77.0.1/24', broadcast: '10.77.0.255' })
    addAddress(world.socket, { index, prefix: 'fd77::1/64', flags: AddressFlag.noDad })
    const printed = world
      .ip('addr')
      .flatMap((row) =>
        row.addr_info.map((info: Printed) => [
          row.ifindex,
          info.local,
          info.prefixlen,
          info.broadcast,
          info.valid_life_time,
        ]),
      )
    const ours = listAddresses(world.socket).map((address) => [
      address.index,
      address.local ?? address.address,
      address.prefixLength,
      address.broadcast,
      address.cacheInfo?.valid,
    ])
    expect(settled(ours)).toEqual(settled(printed))
    expect(listAddresses(world.socket, { index, family: AddressFamily.inet })).toMatchObject([
      { local: '10.77.0.1', index },
    ])
  })

  test('are read through a namespace id, added once and deleted', () => {
    const targetNetnsid = nsidOf(world.socket, { fd: world.there.fd })!
    const { index } = getLink(world.farSocket, { name: 'v1' })
    addAddress(world.farSocket, { index, prefix: '10.77.0.2/24' })
    expect(listAddressSummaries(world.socket, { targetNetnsid, family: 2 })).toMatchObject([
      { local: '10.77.0.2', index },
    ])
    expect(() => addAddress(world.farSocket, { index, prefix: '10.77.0.2/24' })).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    )
    deleteAddress(world.farSocket, { index, prefix: '10.77.0.2/24' })
    expect(listAddressSummaries(world.socket, { targetNetnsid, family: 2 })).toEqual([])
  })
})

describe('routes', () => {
  test('are those that ip shows, in all tables', () => {
    const { index } = world.link('br0')
    addRoute(world.socket, { prefix: '0.0.0.0/0', gateway: '10.77.0.254' })
    addRoute(world.socket, {
      prefix: '10.90.0.0/16',
      tableId: 1000,
      table: 0,
      gateway: '10.77.0.3',
      metrics: { mtu: 1300 },
    })
    addRoute(world.socket, { prefix: '10.91.0.0/16', type: RouteType.blackhole })
    addRoute(world.socket, {
      prefix: '10.92.0.0/16',
      priority: 5,
      nextHops: [
        { flags: 0, hops: 2, index, gateway: '10.77.0.3' },
        { flags: 0, hops: 0, index, gateway: '10.77.0.4' },
      ],
    })
    addRoute(world.socket, { prefix: 'fd99::/64', gateway: 'fd77::2' })
    for (const [family, flag] of [
      [AddressFamily.inet, '-4'],
      [AddressFamily.inet6, '-6'],
    ] as const) {
      const printed = world.ip(flag, 'route', 'show', 'table', 'all')
      const ours = listRoutes(world.socket, { family })
      expect(settled(ours.map((route) => [destinationOf(route), route.gateway, route.priority]))).toEqual(
        settled(printed.map((row) => [withLength(row.dst), row.gateway, row.metric])),
      )
    }
    const [multipath] = listRoutes(world.socket, { table: RouteTable.main }).filter(
      ({ nextHops }) => nextHops !== undefined,
    )
    expect(multipath?.nextHops).toMatchObject([
      { gateway: '10.77.0.3', hops: 2 },
      { gateway: '10.77.0.4', hops: 0 },
    ])
    expect(listRoutes(world.socket, { table: 1000 })).toMatchObject([
      { destination: '10.90.0.0', metrics: { mtu: 1300 } },
    ])
    expect(listRoutes(world.socket, { table: 4711 })).toEqual([])
  })

  test('a look-up decides as the kernel does', () => {
    const [printed] = world.ip('route', 'get', '10.88.1.1')
    const found = lookUpRoute(world.socket, { destination: '10.88.1.1' })
    expect(found).toMatchObject({ gateway: printed.gateway, preferredSource: printed.prefsrc, destinationLength: 32 })
    expect(lookUpRoute(world.socket, { destination: '10.88.1.1', fibMatch: true }).destinationLength).toBe(0)
    expect(() => lookUpRoute(world.socket, { destination: '10.91.0.1' })).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    )
  })

  test('rules send a mark to a table of its own', () => {
    world.socket.request(newRuleRequest({ priority: 77, mark: 7, tableId: 1000 }))
    expect(world.ip('rule')).toContainEqual(expect.objectContaining({ priority: 77, fwmark: '0x7', table: '1000' }))
    expect(listRules(world.socket, { family: 2 }).map((rule) => rule.priority ?? 0)).toEqual([0, 77, 32766, 32767])
    expect(lookUpRoute(world.socket, { destination: '10.90.0.1', mark: 7 }).gateway).toBe('10.77.0.3')
    expect(lookUpRoute(world.socket, { destination: '10.90.0.1' }).gateway).toBe('10.77.0.254')
  })

  test('are deleted', () => {
    deleteRoute(world.socket, { prefix: '10.91.0.0/16' })
    expect(() => deleteRoute(world.socket, { prefix: '10.91.0.0/16' })).toThrow(
      expect.objectContaining({ code: 'ESRCH' }),
    )
  })
})

/** Link-local and multicast rows come and go by themselves while a test runs; the others stand still. */
function settled(rows: unknown[][]): string[] {
  const lines = rows.map((row) => row.join(' ')).filter((line) => !/(^| )(fe80|ff00|ff02)/.test(line))
  expect(lines.length).toBeGreaterThan(2)
  return lines.sort()
}

function destinationOf(route: { destination?: string; destinationLength: number; family: number }): string {
  return route.destination === undefined ? 'default' : withLength(`${route.destination}/${route.destinationLength}`)
}

/** iproute2 leaves the length of a single address out. */
function withLength(prefix: string): string {
  return prefix.replace(/\/(32|128)$/, '')
}

/** Links that our own code makes, compared with what iproute2 reads. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasCode, NetlinkError } from '../../src/kernel/index.ts'
import {
  addLink,
  deleteLink,
  deleteLinkRequest,
  deleteVlanRequest,
  getLink,
  type Link,
  LinkFlag,
  listBridgeLinks,
  listBridgeVlans,
  listLinkSummaries,
  listLinks,
  listPortVlans,
  listQdiscs,
  newLinkRequest,
  newQdiscRequest,
  newVlanRequest,
  nsidOf,
  setLink,
} from '../../src/kernel/rtnetlink/index.ts'
import { type Printed, RtnetlinkWorld } from './rtnetlink-world.ts'

let world: RtnetlinkWorld

beforeAll(() => {
  world = new RtnetlinkWorld('links')
  world.furnish()
})

afterAll(() => world?.close())

describe('links', () => {
  test('are those that ip shows, with the same particulars', () => {
    const printed = world.ip('link')
    const links = listLinks(world.socket)
    expect(links.map(({ name, index }) => [name, index])).toEqual(printed.map((row) => [row.ifname, row.ifindex]))
    for (const [i, row] of printed.entries()) {
      const link = links[i]!
      expect(link).toMatchObject({
        mtu: row.mtu,
        qdisc: row.qdisc,
        txQueueLength: row.txqlen ?? 0,
        address: row.address,
      })
      expect(link.operstate).toBe(String(row.operstate).toLowerCase())
      expect((link.flags & LinkFlag.up) !== 0).toBe(row.flags.includes('UP'))
      expect((link.flags & LinkFlag.lowerUp) !== 0).toBe(row.flags.includes('LOWER_UP'))
      expect(link.info?.kind).toBe(row.linkinfo?.info_kind)
      expect(link.minMtu).toBe(row.min_mtu)
    }
  })

  test('a bridge', () => {
    const [row] = world.ip('link', 'show', 'br0')
    const { info } = world.link('br0')
    const data = row.linkinfo.info_data
    expect(info?.bridge).toMatchObject({
      ageingTime: 12_000,
      forwardDelay: data.forward_delay,
      stpState: data.stp_state,
      priority: data.priority,
      multicastHashMax: data.mcast_hash_max,
      multicastQueryInterval: BigInt(data.mcast_query_intvl),
      groupAddress: data.group_addr,
    })
    const { priority, address } = info!.bridge!.bridgeId!
    expect(`${priority.toString(16)}.${address.replace(/^0/, '').replaceAll(':0', ':')}`).toBe(
      data.bridge_id.toLowerCase(),
    )
  })

  test('a bridge port', () => {
    const [row] = world.ip('link', 'show', 'v0')
    const data = row.linkinfo.info_slave_data
    const { info, master, alias } = world.link('v0')
    expect(alias).toBe('to the far side')
    expect(master).toBe(world.link('br0').index)
    expect(info?.slaveKind).toBe('bridge')
    expect(info?.bridgePort).toMatchObject({
      state: data.state,
      priority: data.priority,
      cost: data.cost,
      learning: Number(data.learning),
      isolated: Number(data.isolated),
      number: Number(data.no),
    })
    setLink(world.socket, { name: 'v0' }, { info: { slaveKind: 'bridge', bridgePort: { isolated: 1, learning: 0 } } })
    expect(world.ip('link', 'show', 'v0')[0].linkinfo.info_slave_data).toMatchObject({
      isolated: true,
      learning: false,
    })
    setLink(world.socket, { name: 'v0' }, { info: { slaveKind: 'bridge', bridgePort: { isolated: 0, learning: 1 } } })
  })

  test('a vxlan', () => {
    const [row] = world.ip('link', 'show', 'vx0')
    expect(row.linkinfo.info_data).toMatchObject({
      id: 0x123456,
      port: 4790,
      local: '10.77.0.1',
      ttl: 9,
      learning: false,
      port_range: { low: 40_000, high: 40_100 },
    })
    expect(world.link('vx0').info?.vxlan).toMatchObject({
      id: 0x123456,
      port: 4790,
      local: '10.77.0.1',
      ttl: 9,
      learning: 0,
      portRange: { low: 40_000, high: 40_100 },
      ageing: row.linkinfo.info_data.ageing,
    })
  })

  test('a macvlan that lets in the sources on its list', (context) => {
    const link = world.link('ifb7').index
    const sourceAddresses = { addresses: ['02:00:00:00:00:21', '02:00:00:00:00:22'] }
    try {
      addLink(world.socket, {
        name: 'mv0',
        link,
        info: { kind: 'macvlan', macvlan: { mode: 'source', addressOperation: 'set', sourceAddresses } },
      })
    } catch (error) {
      if (hasCode(error, 'EOPNOTSUPP')) context.skip('this kernel has no macvlan')
      throw error
    }
    const [row] = world.ip('link', 'show', 'mv0')
    expect(row).toMatchObject({ link: 'ifb7', linkinfo: { info_data: { mode: 'source' } } })
    const { info, link: parent } = world.link('mv0')
    expect(parent).toBe(link)
    expect(info?.macvlan).toMatchObject({ mode: 'source', sourceAddressCount: 2 })
    expect(info?.macvlan?.sourceAddresses?.addresses?.sort()).toEqual(sourceAddresses.addresses)
  })

  test('a veth pair knows its other end by index and namespace id', () => {
    const end = world.link('v0')
    const other = getLink(world.farSocket, { name: 'v1' })
    expect(other.address).toBe('02:00:00:00:00:01')
    expect(end.link).toBe(other.index)
    expect(other.link).toBe(end.index)
    expect(end.linkNetnsid).toBe(nsidOf(world.socket, { fd: world.there.fd }))
  })

  test('the namespace of the other end is read through its id, without entering it', () => {
    const targetNetnsid = nsidOf(world.socket, { fd: world.there.fd })!
    const names = listLinkSummaries(world.socket, { targetNetnsid }).map(({ name }) => name)
    expect(names).toEqual(['lo', 'v1'])
    expect(getLink(world.socket, { name: 'v1', targetNetnsid })).toMatchObject({ name: 'v1', targetNetnsid })
    expect(() => listLinks(world.socket, { targetNetnsid: 4711 })).toThrow(NetlinkError)
  })

  test('are listed by kind and by master', () => {
    expect(listLinks(world.socket, { kind: 'vxlan' }).map(({ name }) => name)).toEqual(['vx0'])
    expect(listLinks(world.socket, { kind: 'no-such-kind' })).toEqual([])
    expect(listLinks(world.socket, { master: world.link('br0').index }).map(({ name }) => name)).toEqual(['v0'])
  })

  test("come without IPv6's counters when they are not wanted", () => {
    const IFLA_INET6_STATS = 3
    const counting = (links: Link[]) =>
      links.filter(({ afSpec }) => afSpec?.inet6?.unknown?.some(({ type }) => type === IFLA_INET6_STATS))
    expect(counting(listLinks(world.socket)).length).toBeGreaterThan(0)
    expect(counting(listLinks(world.socket, { statistics: false }))).toEqual([])
  })

  test('alternative names', () => {
    execFileSync('ip', [
      '-n',
      world.name,
      'link',
      'property',
      'add',
      'dev',
      'ifb7',
      'altname',
      'a-name-longer-than-fifteen',
    ])
    expect(world.link('a-name-longer-than-fifteen')).toMatchObject({
      name: 'ifb7',
      propList: { altNames: ['a-name-longer-than-fifteen'] },
    })
  })

  test('are renamed and deleted, and what is missing is ENODEV', () => {
    addLink(world.socket, { name: 'ifb8', info: { kind: 'ifb' } })
    setLink(world.socket, { index: world.link('ifb8').index }, { name: 'ifb9' })
    expect(() => world.link('ifb8')).toThrow(expect.objectContaining({ code: 'ENODEV' }))
    deleteLink(world.socket, { name: 'ifb9' })
    expect(() => deleteLink(world.socket, { name: 'ifb9' })).toThrow(expect.objectContaining({ code: 'ENODEV' }))
  })

  test('a batch makes a hundred and one request deletes them by group', () => {
    const outcomes = world.socket.batch([
      ...Array.from({ length: 100 }, (_, i) => newLinkRequest({ name: `grp${i}`, group: 99, info: { kind: 'ifb' } })),
      newLinkRequest({ name: 'grp0', info: { kind: 'ifb' } }),
    ])
    expect(outcomes.slice(0, 100).every(({ ok }) => ok)).toBe(true)
    expect(outcomes[100]).toMatchObject({ ok: false, error: { code: 'EEXIST' } })
    world.socket.request(deleteLinkRequest({ group: 99 }))
    expect(listLinks(world.socket).filter(({ group }) => group === 99)).toEqual([])
  })

  test('a refusal carries the sentence of the kernel', () => {
    const name = 'vx1'
    expect(() => addLink(world.socket, { name, info: { kind: 'vxlan', vxlan: { id: 2 ** 24 } } })).toThrow(
      /RTM_NEWLINK vx1 in ns:.*:/,
    )
    expect(() => addLink(world.socket, { name, info: { kind: 'no-such-kind' } })).toThrow('Unknown device type')
  })
})

describe('bridge ports as the bridge tells them', () => {
  test('are those that bridge shows', () => {
    const ports = listBridgeLinks(world.socket).filter(({ protinfo }) => protinfo !== undefined)
    const printed = world.bridge('link')
    expect(ports.map(({ name }) => name)).toEqual(printed.map((row) => row.ifname))
    expect(ports[0]?.protinfo).toMatchObject({ state: printed[0].state, cost: printed[0].cost })
  })
})

test('vlans of a bridge port are those that bridge shows', (context) => {
  addLink(world.socket, { name: 'br1', info: { kind: 'bridge' } })
  try {
    setLink(world.socket, { name: 'br1' }, { info: { kind: 'bridge', bridge: { vlanFiltering: 1 } } })
  } catch (error) {
    if (hasCode(error, 'EOPNOTSUPP')) context.skip('this kernel does not filter by vlan')
    throw error
  }
  addLink(world.socket, {
    name: 'p1',
    master: world.link('br1').index,
    info: { kind: 'veth', veth: { peer: { name: 'p2' } } },
  })
  const { index } = world.link('p1')
  world.socket.request(newVlanRequest({ index, vid: 10, last: 20 }))
  world.socket.request(newVlanRequest({ index, vid: 30, pvid: true, untagged: true }))
  world.socket.request(deleteVlanRequest({ index, vid: 15 }))
  const ours = listBridgeVlans(world.socket).find((port) => port.index === index)
  expect(ours?.ranges.filter(({ first }) => first !== 1)).toEqual([
    { first: 10, last: 14, pvid: false, untagged: false },
    { first: 16, last: 20, pvid: false, untagged: false },
    { first: 30, last: 30, pvid: true, untagged: true },
  ])
  const [printed] = world.bridge('vlan', 'show', 'dev', 'p1')
  expect(printed.vlans.map((row: Printed) => [row.vlan, row.vlanEnd ?? row.vlan])).toEqual(
    ours?.ranges.map(({ first, last }) => [first, last]),
  )
  const entries = listPortVlans(world.socket).find((port) => port.index === index)?.entries
  expect(entries?.some(({ info, state }) => info?.vid === 30 && state === 'forwarding')).toBe(true)
})

test('queueing disciplines are those that tc shows', () => {
  const { index } = world.link('ifb7')
  world.socket.request(newQdiscRequest({ index, kind: 'pfifo', handle: 0x70000, fifo: { limit: 77 } }))
  const printed = JSON.parse(
    execFileSync('tc', ['-n', world.name, '-j', 'qdisc', 'show', 'dev', 'ifb7'], { encoding: 'utf8' }),
  )
  expect(printed).toMatchObject([{ kind: 'pfifo', handle: '7:', root: true, options: { limit: 77 } }])
  expect(listQdiscs(world.socket, { index })).toMatchObject([{ kind: 'pfifo', handle: 0x70000, fifo: { limit: 77 } }])
})

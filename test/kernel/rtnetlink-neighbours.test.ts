/** Neighbours, forwarding entries and namespace ids, compared with what iproute2 reads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace, NetlinkError, NetlinkProtocol, NetlinkSocket } from '../../src/kernel/index.ts'
import {
  assignNsidRequest,
  deleteForwardingRequest,
  deleteNeighbourRequest,
  listForwarding,
  listLinks,
  listNeighbours,
  listNsids,
  NeighbourFlag,
  NeighbourState,
  newForwardingRequest,
  newNeighbourRequest,
  nsidOf,
} from '../../src/kernel/rtnetlink/index.ts'
import { RtnetlinkWorld } from './rtnetlink-world.ts'

let world: RtnetlinkWorld

beforeAll(() => {
  world = new RtnetlinkWorld('neigh')
  world.furnish()
})

afterAll(() => world?.close())

describe('neighbours and forwarding entries', () => {
  test('neighbours are those that ip shows', () => {
    const { index } = world.link('br0')
    world.socket.request(newNeighbourRequest({ index, destination: '10.77.0.3', lladdr: '02:00:00:00:00:03' }))
    world.socket.request(newNeighbourRequest({ index, destination: 'fd77::3', lladdr: '02:00:00:00:00:03' }))
    const ours = listNeighbours(world.socket, { index }).filter(({ state }) => state === NeighbourState.permanent)
    const printed = world.ip('neigh', 'show', 'dev', 'br0', 'nud', 'permanent')
    expect(ours).toHaveLength(2)
    expect(ours.map(({ destination, lladdr }) => [destination, lladdr]).sort()).toEqual(
      printed.map((row) => [row.dst, row.lladdr]).sort(),
    )
    world.socket.request(deleteNeighbourRequest({ index, destination: '10.77.0.3' }))
    expect(listNeighbours(world.socket, { index }).map(({ destination }) => destination)).not.toContain('10.77.0.3')
  })

  test('proxy entries are kept apart', () => {
    const { index } = world.link('br0')
    world.socket.request(newNeighbourRequest({ index, destination: '10.77.0.99', flags: NeighbourFlag.proxy }))
    expect(listNeighbours(world.socket, { proxies: true })).toMatchObject([{ destination: '10.77.0.99' }])
    expect(listNeighbours(world.socket, { family: 2 }).some(({ destination }) => destination === '10.77.0.99')).toBe(
      false,
    )
  })

  test('forwarding entries are those that bridge shows', () => {
    const vx = world.link('vx0').index
    const port = world.link('v0').index
    world.socket.batch([
      newForwardingRequest({ index: vx, lladdr: '02:00:00:00:00:05', destination: '10.77.0.5', port: 9999, vni: 55 }),
      newForwardingRequest({ index: vx, lladdr: '00:00:00:00:00:00', destination: '10.77.0.5' }, 'append'),
      newForwardingRequest({ index: vx, lladdr: '00:00:00:00:00:00', destination: '10.77.0.6' }, 'append'),
      newForwardingRequest({ index: port, lladdr: '02:00:00:00:00:01', flags: NeighbourFlag.master }),
    ])
    const names = new Map(listLinks(world.socket).map(({ index, name }) => [index, name]))
    const ours = listForwarding(world.socket).map(({ index, lladdr, destination, port, vni }) =>
      [names.get(index), lladdr, destination, port, vni].join(' '),
    )
    const printed = world.bridge('fdb').map((row) => [row.ifname, row.mac, row.dst, row.port, row.vni].join(' '))
    const lasting = (lines: string[]) => lines.filter((line) => !/ (33:33|01:00:5e):/.test(line)).sort()
    expect(lasting(ours)).toEqual(lasting(printed))
    expect(lasting(ours)).toContain('v0 02:00:00:00:00:01   ')
    expect(listForwarding(world.socket, { index: vx })).toContainEqual(
      expect.objectContaining({ lladdr: '02:00:00:00:00:05', destination: '10.77.0.5', port: 9999, vni: 55 }),
    )
    world.socket.request(
      deleteForwardingRequest({
        index: vx,
        lladdr: '02:00:00:00:00:05',
        destination: '10.77.0.5',
        port: 9999,
        vni: 55,
      }),
    )
    expect(listForwarding(world.socket, { index: vx }).some(({ lladdr }) => lladdr === '02:00:00:00:00:05')).toBe(false)
  })
})

test('one dump joins the ids of another namespace with those of an observer', () => {
  using observer = Namespace.create('observer')
  const watching = NetlinkSocket.open(NetlinkProtocol.route, observer)
  try {
    for (const { fd } of [world.here, world.there]) watching.request(assignNsidRequest({ fd }))
    const [a, b] = [nsidOf(watching, { fd: world.here.fd })!, nsidOf(watching, { fd: world.there.fd })!]
    expect(
      listNsids(watching)
        .map(({ nsid }) => nsid)
        .sort(),
    ).toEqual([a, b].sort())
    expect(listNsids(watching, { target: a })).toContainEqual({
      nsid: nsidOf(world.socket, { fd: world.there.fd }),
      currentNsid: b,
    })
    expect(() => watching.request(assignNsidRequest({ fd: world.here.fd }))).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    )
    expect(() => nsidOf(watching, { fd: 99_999 })).toThrow(NetlinkError)
  } finally {
    watching.close()
  }
})

/** What the kernel announces of links, addresses, routes and the rest. */
import { expect, test } from 'vitest'
import { Namespace, type NetlinkChannel, NetlinkProtocol, NetlinkSocket, openChannel } from '../../src/kernel/index.ts'
import { eachMessage } from '../../src/kernel/netlink/message.ts'
import {
  addAddress,
  addLink,
  assignNsidRequest,
  decodeEvent,
  deleteLink,
  groupMask,
  linkUpRequest,
  NeighbourFlag,
  newForwardingRequest,
  newNeighbourRequest,
  newQdiscRequest,
  newRuleRequest,
  type RouteEvent,
  RouteGroup,
  setLink,
} from '../../src/kernel/rtnetlink/index.ts'

test('the kernel announces every change, and the announcements are read', () => {
  const groups = groupMask(
    RouteGroup.link,
    RouteGroup.neighbour,
    RouteGroup.qdisc,
    RouteGroup.ipv4Address,
    RouteGroup.ipv4Route,
    RouteGroup.ipv4Rule,
    RouteGroup.namespaceId,
  )
  using place = Namespace.create('announcing namespace')
  using named = Namespace.create('namespace with an id')
  const channel = openChannel({ protocol: NetlinkProtocol.route, namespace: place, groups })
  const actor = NetlinkSocket.open(NetlinkProtocol.route, place)
  try {
    addLink(actor, { name: 'br0', index: 50, info: { kind: 'bridge' } })
    addLink(actor, { name: 'p0', index: 51, info: { kind: 'veth', veth: { peer: { name: 'p1', index: 52 } } } })
    setLink(actor, { name: 'p0' }, { master: 50 })
    for (const index of [50, 51, 52]) actor.request(linkUpRequest({ index }))
    addAddress(actor, { index: 50, prefix: '10.66.0.1/24' })
    actor.batch([
      newRuleRequest({ priority: 66, tableId: 66 }),
      newNeighbourRequest({ index: 50, destination: '10.66.0.2', lladdr: '02:00:00:00:00:66' }),
      newForwardingRequest({ index: 51, lladdr: '02:00:00:00:00:67', flags: NeighbourFlag.master }),
      assignNsidRequest({ fd: named.fd }, 6),
      newQdiscRequest({ index: 52, kind: 'pfifo', fifo: { limit: 6 } }),
    ])
    deleteLink(actor, { index: 51 })
    const events = eventsUntil(channel, (event) => event.object === 'link' && event.value.index === 51)
    expect(events).toEqual(
      expect.arrayContaining([
        announced('link', 'new', { index: 50, name: 'br0' }),
        announced('bridge-port', 'new', { index: 51, master: 50 }),
        announced('address', 'new', { local: '10.66.0.1' }),
        announced('route', 'new', { destination: '10.66.0.0', outputInterface: 50 }),
        announced('rule', 'new', { priority: 66 }),
        announced('neighbour', 'new', { destination: '10.66.0.2' }),
        announced('forwarding-entry', 'new', { lladdr: '02:00:00:00:00:67', master: 50 }),
        announced('nsid', 'new', { nsid: 6 }),
        announced('qdisc', 'new', { kind: 'pfifo', fifo: { limit: 6 } }),
        announced('link', 'deleted', { index: 51 }),
      ]),
    )
  } finally {
    actor.close()
    channel.close()
  }
})

/** What a channel announces, up to the deletion that `last` waits for. */
function eventsUntil(channel: NetlinkChannel, last: (event: RouteEvent) => boolean): RouteEvent[] {
  const events: RouteEvent[] = []
  while (!events.some((event) => event.action === 'deleted' && last(event))) {
    const bytes = channel.receive()
    if (bytes === undefined) throw new Error(`no more announcements after ${events.length}`)
    eachMessage(bytes, bytes.length, (header, offset, length) => {
      const event = decodeEvent(header.type, bytes, offset, length)
      if (event !== undefined) events.push(event)
    })
  }
  return events
}

function announced(object: RouteEvent['object'], action: RouteEvent['action'], value: object): RouteEvent {
  return expect.objectContaining({ object, action, value: expect.objectContaining(value) })
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encoded } from '../netlink/annotated-bytes.ts'
import type { MessageKind } from '../netlink/message.ts'
import { addressKind, addressSummaryKind } from './address.ts'
import { bridgeLinkKind } from './bridge-vlan.ts'
import { decodeEvent } from './decode-event.ts'
import { groupMask, RouteGroup } from './groups.ts'
import { linkKind, linkSummaryKind } from './link.ts'
import { RouteMessage } from './message-type.ts'
import { namespaceIdKind } from './namespace-id.ts'
import { neighbourKind } from './neighbour.ts'
import { nexthopKind } from './nexthop.ts'
import { qdiscKind } from './qdisc.ts'
import { routeKind } from './route-kind.ts'
import { ruleKind } from './rule.ts'
import { portVlanKind } from './vlan-entry.ts'

function event(type: number, body: Buffer): ReturnType<typeof decodeEvent> {
  // As in a datagram, the body stands behind a header.
  return decodeEvent(type, Buffer.concat([Buffer.alloc(16), body]), 16, body.length)
}

test('a link that came and one that went', () => {
  const body = encoded(linkKind, { index: 4, name: 'eth0' })
  expect(event(RouteMessage.newLink, body)).toMatchObject({ object: 'link', action: 'new', value: { name: 'eth0' } })
  expect(event(RouteMessage.deleteLink, body)).toMatchObject({ object: 'link', action: 'deleted', value: { index: 4 } })
})

test('the bridge family makes bridge ports of links and forwarding entries of neighbours', () => {
  const port = encoded(bridgeLinkKind, { family: 7, index: 4, protinfo: { state: 'blocking' } })
  expect(event(RouteMessage.newLink, port)).toMatchObject({
    object: 'bridge-port',
    value: { protinfo: { state: 'blocking' } },
  })
  const entry = encoded(neighbourKind, { family: 7, index: 4, lladdr: '02:00:00:00:00:01' })
  expect(event(RouteMessage.deleteNeighbour, entry)).toMatchObject({ object: 'forwarding-entry', action: 'deleted' })
  const neighbour = encoded(neighbourKind, { family: 2, index: 4, destination: '10.0.0.1' })
  expect(event(RouteMessage.newNeighbour, neighbour)).toMatchObject({ object: 'neighbour', action: 'new' })
})

test.each([
  ['address', RouteMessage.newAddress, encoded(addressKind, { family: 2, address: '10.0.0.1' })],
  ['route', RouteMessage.newRoute, encoded(routeKind, { family: 2, destination: '10.0.0.0' })],
  ['rule', RouteMessage.newRule, encoded(ruleKind, { family: 2, priority: 5 })],
  ['nsid', RouteMessage.newNamespaceId, encoded(namespaceIdKind, { nsid: 5 })],
  ['qdisc', RouteMessage.newQdisc, encoded(qdiscKind, { kind: 'noqueue' })],
  ['nexthop', RouteMessage.newNexthop, encoded(nexthopKind, { id: 5 })],
  ['vlan', RouteMessage.newVlan, encoded(portVlanKind, { family: 7, index: 5 })],
] as const)('%s', (object, type, body) => {
  expect(event(type, body)).toMatchObject({ object, action: 'new' })
  expect(event(type + 1, body)).toMatchObject({ object, action: 'deleted' })
})

test('requests, other types and bodies cut short are no events', () => {
  const body = encoded(linkKind, { index: 4 })
  for (const type of [0, 2, 3, RouteMessage.getLink, RouteMessage.setLink, 200])
    expect(event(type, body)).toBeUndefined()
  expect(event(RouteMessage.newLink, body.subarray(0, 15))).toBeUndefined()
  expect(event(RouteMessage.newLink, Buffer.alloc(0))).toBeUndefined()
})

const kinds: readonly (readonly [string, MessageKind<unknown>])[] = [
  ['link', linkKind],
  ['link summary', linkSummaryKind],
  ['bridge link', bridgeLinkKind],
  ['address', addressKind],
  ['address summary', addressSummaryKind],
  ['route', routeKind],
  ['neighbour', neighbourKind],
  ['rule', ruleKind],
  ['nsid', namespaceIdKind],
  ['qdisc', qdiscKind],
  ['nexthop', nexthopKind],
  ['vlan', portVlanKind],
].map(([name, kind]) => [name as string, kind as MessageKind<unknown>])

/** Attributes nested at random, with numbers low enough to be known: what garbage alone would hardly ever hit. */
const attributeBytes = fc.letrec<{ list: Buffer; one: Buffer }>((tie) => ({
  list: fc.array(tie('one'), { maxLength: 6 }).map((parts) => Buffer.concat(parts)),
  one: fc
    .tuple(
      fc.integer({ min: 0, max: 70 }),
      fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom('veth', 'bridge', 'vxlan', 'vlan', 'bond', 'macvlan', 'gre', 'netkit', 'netem', 'tbf')
          .map(Buffer.from),
        tie('list'),
      ),
    )
    .map(([type, value]) => {
      const header = Buffer.alloc(4)
      header.writeUInt16LE(value.length + 4, 0)
      header.writeUInt16LE(type, 2)
      return Buffer.concat([header, value, Buffer.alloc(-value.length & 3)])
    }),
})).list

describe('whatever the bytes', () => {
  test.each(kinds)('%s never throws on garbage', (_, kind) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        kind.read(Buffer.from(bytes), 0, bytes.length)
      }),
    )
  })

  test.each(kinds)('%s never throws on well-formed attributes with odd values, cut anywhere', (_, kind) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), attributeBytes, fc.nat(300), (header, body, cut) => {
        const bytes = Buffer.concat([header, body])
        kind.read(bytes, 0, bytes.length)
        kind.read(bytes, 0, Math.min(cut, bytes.length))
      }),
      { numRuns: 300 },
    )
  })

  test.each(kinds.filter(([name]) => !name.includes('summary')))(
    '%s: what was read can be written and read again',
    (_, kind) => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), attributeBytes, (header, body) => {
          const bytes = Buffer.concat([header, body])
          const first = kind.read(bytes, 0, bytes.length)
          if (first === undefined) return
          const again = encoded(kind, first as Partial<unknown>)
          expect(kind.read(again, 0, again.length)).toEqual(first)
        }),
        { numRuns: 300 },
      )
    },
  )
})

test('groups are the bits of bind(2)', () => {
  expect(groupMask(RouteGroup.link, RouteGroup.neighbour)).toBe(0b101)
  expect(groupMask(RouteGroup.nexthop)).toBe(0x80000000)
  expect(() => groupMask(RouteGroup.bridgeVlan)).toThrow('group 33')
})

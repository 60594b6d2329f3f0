/** Where a route leads when it leads to several places: RTA_MULTIPATH, RTA_VIA (linux/rtnetlink.h). */
import { ip } from '../netlink/address-value.ts'
import { type AttributesOf, attribute, attributes } from '../netlink/attributes.ts'
import { readU16, writeU16 } from '../netlink/byte-order.ts'
import { raw, type StructOf, s32, struct, u8, u16, u32, type Value } from '../netlink/value.ts'

/** A gateway of another family than the destination's, as IPv4 over an IPv6 gateway has it (struct rtvia). */
export interface Via {
  readonly family: number
  readonly address: string
}

/** struct rtvia: a family, then its address. */
export const via: Value<Via> = {
  minimum: 2,
  read: (bytes, offset, length) => ({
    family: u16.read(bytes, offset, 2),
    address: ip.read(bytes, offset + 2, length - 2),
  }),
  write(writer, value) {
    u16.write(writer, value.family)
    ip.write(writer, value.address)
  },
}

const hopHeader = struct({ length: u16, flags: u8, hops: u8, index: s32 })
const hopAttributes = attributes({
  gateway: attribute(5, ip),
  flow: attribute(11, u32),
  via: attribute(18, via),
  newDestination: attribute(19, raw),
  encapsulationType: attribute(21, u16),
  encapsulation: attribute(22, raw),
})

/** One of several next hops; its weight is `hops` + 1. */
export type RouteHop = Omit<StructOf<(typeof hopHeader)['fields']>, 'length'> &
  AttributesOf<(typeof hopAttributes)['fields']>

/** struct rtnexthop one behind the other, each with attributes of its own. */
export const routeHops: Value<RouteHop[]> = {
  minimum: 0,
  read(bytes, offset, length) {
    const hops: RouteHop[] = []
    const end = offset + length
    let at = offset
    while (at + hopHeader.minimum <= end) {
      const size = readU16(bytes, at)
      if (size < hopHeader.minimum || at + size > end) break
      const { length: _, ...hop } = hopHeader.read(bytes, at, hopHeader.minimum)
      hopAttributes.readInto(hop, bytes, at + hopHeader.minimum, size - hopHeader.minimum)
      hops.push(hop)
      at += (size + 3) & ~3
    }
    return hops
  },
  write(writer, hops) {
    for (const hop of hops) {
      const start = writer.length
      hopHeader.writePartial(writer, hop)
      hopAttributes.write(writer, hop)
      writeU16(writer.bytes, writer.length - start, start)
      writer.align()
    }
  },
}

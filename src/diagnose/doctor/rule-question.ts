/** Asking the rules of a namespace about a packet that somebody could send. */
import type { HookOutcome, HookPoint } from '../filter/filter-rules.ts'
import { addressType } from '../path/hooks.ts'
import { type Packet, Protocol, type TrackedFlow } from '../path/packet.ts'
import type { Place } from '../scene/place.ts'
import { contains, familyOfAddress } from './address.ts'
import type { Interface } from './interface.ts'
import type { Wiring } from './wiring.ts'

/** Where a packet is asked about. */
export interface RuleQuestion {
  readonly hook: HookPoint
  readonly packet: Packet
  readonly input?: Interface | undefined
  readonly output?: Interface | undefined
  readonly flow?: TrackedFlow | undefined
}

/** What the rules of a place make of a packet at a hook of the IP layer. */
export function askRules(place: Place, { hook, packet, input, output, flow }: RuleQuestion): HookOutcome {
  return place.filters.traverse({
    layer: 'ip',
    hook,
    packet,
    input: input?.link,
    output: output?.link,
    flow,
    reply: false,
    addressType: (address, index) => addressType(place, address, index),
    outputFor: (address, mark) => {
      const answer = place.lookUpRoute({ destination: address, mark })
      return answer.kind === 'unicast' || answer.kind === 'local' ? answer.output : 0
    },
    masqueradeAddress: () => output?.addresses.find(({ family }) => family === packet.family)?.address,
  })
}

/** Ends of the first packet of a connection. */
export interface FirstPacket {
  readonly source: string
  readonly destination: string
  readonly protocol: 'tcp' | 'udp'
  readonly destinationPort: number
}

/** A port as clients choose one, and flags and sizes of a first packet. */
const CLIENT_PORT = 41_000
const SYN = 2
const SIZE = 60
const TTL = 64

/** The first packet of a connection. */
export function firstPacket({ source, destination, protocol, destinationPort }: FirstPacket): Packet {
  return {
    family: familyOfAddress(destination),
    source,
    destination,
    protocol: Protocol[protocol],
    sourcePort: CLIENT_PORT,
    destinationPort,
    ...(protocol === 'tcp' ? { tcpFlags: SYN } : {}),
    ttl: TTL,
    length: SIZE,
    dontFragment: true,
    mark: 0,
    frame: undefined,
  }
}

/** Where a namespace meets the world outside. */
export interface Uplink {
  readonly out: Interface
  /** The namespace's own address there. */
  readonly own: string
  /** Somebody out there. */
  readonly other: string
}

/**
 * The uplink of a namespace: where its default route leads, or else another interface than `inner` that has an address.
 * @param inner bridges of container networks
 */
export function uplinkOf(
  place: Place,
  family: 'ipv4' | 'ipv6',
  inner: ReadonlySet<string>,
  wiring: Wiring,
): Uplink | undefined {
  const route = place.routes(family).find(({ destinationLength, type }) => destinationLength === 0 && type === 1)
  const candidates = wiring
    .of(place.inode)
    .filter(
      (one) =>
        one.up && !inner.has(one.name) && one.kind !== 'loopback' && one.addresses.some((own) => own.family === family),
    )
  const out = candidates.find(({ index }) => index === route?.outputInterface) ?? candidates[0]
  const own = out?.addresses.find((address) => address.family === family)
  if (out === undefined || own === undefined) return undefined
  const gateway = route?.outputInterface === out.index ? route.gateway : undefined
  return { out, own: own.address, other: gateway ?? neighbourOf(own.address, own.subnet) }
}

/** Another address of the same subnet. */
function neighbourOf(address: string, subnet: Parameters<typeof contains>[0]): string {
  const last = /^(.*[.:])([0-9a-f]*)$/i.exec(address)
  const [, head = '', tail = ''] = last ?? []
  const number = Number.parseInt(tail === '' ? '0' : tail, address.includes(':') ? 16 : 10)
  for (const step of [1, -1, 2, -2]) {
    const value = number + step
    if (value < 1 || value > 254) continue
    const other = head + value.toString(address.includes(':') ? 16 : 10)
    if (contains(subnet, other)) return other
  }
  return address
}

/**
 * Filters that pick the packets of a probe, and what answers them, out of a namespace's traffic within the kernel. They let
 * a little too much through, never too little; `recognise.ts` is exact.
 */
import { assembleFilter, BPF_PROTOCOL, Bpf, type BpfInstruction } from '../../kernel/index.ts'
import { MOST_PACKETS, type Probe, TOKEN_MASK } from './probe.ts'

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806 } as const
/** Bytes of a packet that are looked at: headers, those of a tunnel, and a quoted packet. */
const KEPT = 512
/** A token stands at an even offset between the shortest header before it and the longest: options, extensions, a tunnel. */
const TOKEN_FIRST = 24
const TOKEN_LAST = 176

/** More do not occur on one way, and jumps reach no further than 255 instructions. */
const MOST_PORTS = 6

const keep: BpfInstruction = { code: Bpf.accept, constant: KEPT }
const drop: BpfInstruction = { code: Bpf.accept, constant: 0 }

/** For packets at any interface, from their network header on. `ports` are those that the flow may have after translation. */
export function sightingFilter(probe: Probe, ports: readonly number[]): Buffer {
  const udp = probe.protocol === 'udp'
  const ipv4 = [...icmpErrors(), ...(udp ? udpByPorts('ipv4', ports) : [])]
  const ipv6 = [...icmpv6(), ...(udp ? udpByPorts('ipv6', ports) : [])]
  const loadType: BpfInstruction = { code: Bpf.loadWord, constant: BPF_PROTOCOL }
  return assembleFilter([
    loadType,
    ...whenEqual(ETHERTYPE.arp, [keep]),
    ...whenEqual(ETHERTYPE.ipv4, ipv4),
    loadType,
    ...whenEqual(ETHERTYPE.ipv6, ipv6),
    // Whatever else is around the packet: a tunnel, MPLS, a second tag.
    ...tokenAnywhere(probe),
  ])
}

/** For what a raw socket receives: IPv4 with its header, IPv6 without. */
export function answerFilter(probe: Probe): Buffer {
  if (probe.protocol !== 'udp') return assembleFilter(tokenAnywhere(probe, 0, 100))
  const ports: BpfInstruction[] =
    probe.family === 'ipv4'
      ? [
          { code: Bpf.loadHeaderLength, constant: 0 },
          { code: Bpf.loadHalfFromIndex, constant: 2 },
        ]
      : [{ code: Bpf.loadHalf, constant: 2 }]
  return assembleFilter([...ports, ...whenEqual(probe.sourcePort, [keep]), drop])
}

/** Loads in rising order: the first beyond the packet's end drops it, when nothing further on could be found either. */
function tokenAnywhere(probe: Probe, first = TOKEN_FIRST, last = TOKEN_LAST): BpfInstruction[] {
  const tokens = tokensOf(probe)
  const instructions: BpfInstruction[] = []
  for (let at = first; at <= last; at += 2) {
    instructions.push(
      { code: Bpf.loadWord, constant: at },
      { code: Bpf.and, constant: TOKEN_MASK },
      ...tokens.flatMap((token) => whenEqual(token, [keep])),
    )
  }
  return [...instructions, drop]
}

/** The token, and what a reset that answers a SYN with payload acknowledges, which is as much further on. */
function tokensOf({ protocol, size, token }: Probe): number[] {
  if (protocol !== 'tcp' || size === 0) return [token]
  const acknowledged = [token + size + 1, token + size + 2 * MOST_PACKETS].map((word) => (word & TOKEN_MASK) >>> 0)
  return [...new Set([token, ...acknowledged])]
}

/** Destination unreachable, redirect, time exceeded, parameter problem: rare, and quoting too little to be told apart here. */
function icmpErrors(): BpfInstruction[] {
  const types: BpfInstruction[] = [
    { code: Bpf.loadHeaderLength, constant: 0 },
    { code: Bpf.loadByteFromIndex, constant: 0 },
    ...[3, 5, 11, 12].flatMap((type) => whenEqual(type, [keep])),
  ]
  return [{ code: Bpf.loadByte, constant: 9 }, ...whenEqual(1, types)]
}

/** The same of IPv6, and the neighbour discovery that stands in ARP's place there. */
function icmpv6(): BpfInstruction[] {
  const types: BpfInstruction[] = [
    { code: Bpf.loadByte, constant: 40 },
    ...[1, 2, 3, 4, 135, 136, 137].flatMap((type) => whenEqual(type, [keep])),
  ]
  return [{ code: Bpf.loadByte, constant: 6 }, ...whenEqual(58, types)]
}

/** Answers of UDP services carry no token: both ports must be of the flow. */
function udpByPorts(family: 'ipv4' | 'ipv6', ports: readonly number[]): BpfInstruction[] {
  const known = [...new Set(ports)].slice(0, MOST_PORTS)
  const load = (constant: number): BpfInstruction =>
    family === 'ipv4' ? { code: Bpf.loadHalfFromIndex, constant } : { code: Bpf.loadHalf, constant: 40 + constant }
  const both = known.flatMap((source) =>
    whenEqual(source, [load(2), ...known.flatMap((port) => whenEqual(port, [keep]))]),
  )
  const header: BpfInstruction[] = family === 'ipv4' ? [{ code: Bpf.loadHeaderLength, constant: 0 }] : []
  const compared = known.length === 0 ? [] : [...header, load(0), ...both]
  return [{ code: Bpf.loadByte, constant: family === 'ipv4' ? 9 : 6 }, ...whenEqual(17, compared)]
}

/** What is done when the accumulator has this value; otherwise it is skipped. */
function whenEqual(constant: number, instructions: readonly BpfInstruction[]): BpfInstruction[] {
  if (instructions.length === 0) return []
  return [{ code: Bpf.jumpEqual, otherwise: instructions.length, constant }, ...instructions]
}

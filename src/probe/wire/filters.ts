/** Programs of classic BPF that let a raw socket hear only what a probe waits for. */
import { assembleFilter, Bpf, type BpfInstruction } from '../../kernel/index.ts'
import type { IpFamily } from './address.ts'

const ACCEPT: BpfInstruction = { code: Bpf.accept, constant: 0xffffffff }
const DROP: BpfInstruction = { code: Bpf.accept, constant: 0 }

/** Raw sockets find the IPv4 header at offset 0, but the IPv6 payload: X leads to the transport header in both. */
function transportStart(family: IpFamily): BpfInstruction[] {
  // BPF_LDX | BPF_IMM loads a constant.
  return family === 'ipv4' ? [{ code: Bpf.loadHeaderLength, constant: 0 }] : [{ code: 0x01, constant: 0 }]
}

/**
 * ICMP errors, and echo replies with an identifier when one is given.
 * Of ICMP these are the types 3 (unreachable), 4, 11 and 12; of ICMPv6 all below 128.
 */
export function icmpFilter(family: IpFamily, identifier?: number): Buffer {
  const reply = family === 'ipv4' ? 0 : 129
  const errors = family === 'ipv4' ? [3, 4, 11, 12] : [1, 2, 3, 4]
  const tests = errors.flatMap((type) => [{ code: Bpf.jumpEqual, constant: type, otherwise: 1 }, ACCEPT])
  const echo: BpfInstruction[] =
    identifier === undefined
      ? []
      : [
          { code: Bpf.jumpEqual, constant: reply, otherwise: 3 },
          { code: Bpf.loadHalfFromIndex, constant: 4 },
          { code: Bpf.jumpEqual, constant: identifier, otherwise: 1 + tests.length },
          ACCEPT,
        ]
  return assembleFilter([
    ...transportStart(family),
    { code: Bpf.loadByteFromIndex, constant: 0 },
    ...echo,
    ...tests,
    DROP,
  ])
}

/** TCP segments or UDP datagrams to a port. */
export function portFilter(family: IpFamily, port: number): Buffer {
  return assembleFilter([
    ...transportStart(family),
    { code: Bpf.loadHalfFromIndex, constant: 2 },
    { code: Bpf.jumpEqual, constant: port, otherwise: 1 },
    ACCEPT,
    DROP,
  ])
}

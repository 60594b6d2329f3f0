/** Address translation of a flow (net/netfilter/nf_nat_core.c): once for its first packet, then the same for all of them. */
import { type Packet, Protocol, type TrackedFlow } from '../path/packet.ts'
import type { StepResult } from './chain.ts'
import { isIcmpError } from './icmp-error.ts'
import { inNetwork } from './network.ts'
import type { Named, Passage } from './passage.ts'

/** Which end of packets of the original direction a hook may change. */
export type Manipulation = 'source' | 'destination'

/** What a rule asks for. */
export interface TranslationRequest {
  readonly kind: 'snat' | 'dnat' | 'masquerade' | 'redirect'
  readonly addresses?: { readonly lowest: string; readonly highest: string }
  readonly ports?: { readonly lowest: number; readonly highest: number } | undefined
  /** Network to network: the host's part of the address stays. */
  readonly wholeNetwork?: boolean
}

/** Notes what a rule asks for; a chain of translation ends with it. */
export function askForTranslation(passage: Passage, request: TranslationRequest, where: string): StepResult {
  const address = chosenAddress(passage, request, where)
  if (address === 'none') {
    passage.doubts.push(`${where} has no local address to translate to`)
    return { kind: 'drop' }
  }
  passage.newEnd = { kind: request.kind, address, port: chosenPort(passage, request, where) }
  return { kind: 'accept' }
}

function chosenAddress(passage: Passage, request: TranslationRequest, where: string): string | undefined | 'none' {
  const { packet, visit } = passage
  if (request.kind === 'masquerade') return visit.masqueradeAddress() ?? 'none'
  if (request.kind === 'redirect') return redirectAddress(passage)
  if (request.addresses === undefined) return undefined
  const { lowest, highest } = request.addresses
  if (lowest === highest) return lowest
  const current = request.kind === 'snat' ? packet.source : packet.destination
  if (request.wholeNetwork === true) return inNetwork(current, lowest, highest)
  passage.doubts.push(`${where} translates to one of ${lowest}-${highest}; the first was taken`)
  return lowest
}

/** A packet made here goes to the loopback address, one that came in to the first address of its interface. */
function redirectAddress({ visit, packet, surroundings }: Passage): string | 'none' {
  if (visit.hook === 'output') return packet.family === 'ipv4' ? '127.0.0.1' : '::1'
  return (visit.input && surroundings.firstAddress(visit.input.index, packet.family)) ?? 'none'
}

function chosenPort(passage: Passage, { kind, ports }: TranslationRequest, where: string): number | undefined {
  if (ports === undefined) return undefined
  const { packet } = passage
  const current = kind === 'snat' || kind === 'masquerade' ? packet.sourcePort : packet.destinationPort
  if (current >= ports.lowest && current <= ports.highest) return current
  if (ports.lowest !== ports.highest) {
    passage.doubts.push(`${where} translates to one of the ports ${ports.lowest}-${ports.highest}; the first was taken`)
  }
  return ports.lowest
}

/** Puts what a rule asked for into the flow. */
export function setUpTranslation(passage: Passage, side: Manipulation): void {
  const { flow, newEnd, packet } = passage
  if (flow === undefined || newEnd === undefined) return
  const hasPorts = packet.protocol !== Protocol.icmp && packet.protocol !== Protocol.icmpv6
  const port = hasPorts ? newEnd.port : undefined
  const { reply } = flow
  const changed =
    side === 'destination'
      ? { ...reply, source: newEnd.address ?? reply.source, sourcePort: port ?? reply.sourcePort }
      : { ...reply, destination: newEnd.address ?? reply.destination, destinationPort: port ?? reply.destinationPort }
  const isChange = Object.entries(changed).some(([key, value]) => reply[key as keyof typeof reply] !== value)
  if (!isChange) return
  passage.flow = {
    ...flow,
    reply: changed,
    ...(side === 'destination' ? { destinationTranslated: true } : { sourceTranslated: true }),
  }
}

/** Changes the packet as its flow wants it at a hook. @param rule the rule that set it up just now */
export function applyTranslation(passage: Passage, side: Manipulation, rule: Named | undefined): void {
  const { tracked: flow, packet } = passage
  if (flow === undefined) return
  const { reply: isReply } = passage.visit
  // What was done to the source of requests is undone at the destination of answers.
  const translatesSource = (side === 'source') !== isReply
  if (!(translatesSource ? flow.sourceTranslated : flow.destinationTranslated)) return
  const next = changedEnd(packet, flow, side, isReply)
  const kind = passage.newEnd?.kind ?? (translatesSource ? 'snat' : 'dnat')
  passage.translations.push({
    kind,
    before: endText(packet, side),
    after: endText(next, side),
    rule: rule?.reference() ?? null,
  })
  passage.become(next)
}

/** The packet with the end that the inverse of the other direction has. */
function changedEnd(packet: Packet, flow: TrackedFlow, side: Manipulation, isReply: boolean): Packet {
  const other = isReply ? flow.original : flow.reply
  const hasPorts = !isIcmpError(packet) && packet.protocol !== Protocol.icmp && packet.protocol !== Protocol.icmpv6
  if (side === 'source') {
    return { ...packet, source: other.destination, ...(hasPorts ? { sourcePort: other.destinationPort } : {}) }
  }
  return { ...packet, destination: other.source, ...(hasPorts ? { destinationPort: other.sourcePort } : {}) }
}

function endText(packet: Packet, side: Manipulation): string {
  const [address, port] =
    side === 'source' ? [packet.source, packet.sourcePort] : [packet.destination, packet.destinationPort]
  if (packet.protocol !== Protocol.tcp && packet.protocol !== Protocol.udp) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

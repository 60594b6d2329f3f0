/** An answer that dies, or comes from somebody whom the asker did not ask: which router did not translate. */
import { ownAddress } from '../../../kernel/index.ts'
import { fixMasqueradeMissing } from '../../remedy/nat-fix.ts'
import type { Place } from '../../scene/place.ts'
import { addressesOf, hasAddress, inSamePrefix, isPrivateAddress } from '../addresses.ts'
import { visitHook } from '../hooks.ts'
import { networkOf } from '../ip/likely-route.ts'
import { nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { Delivered, Stop, Stopped } from '../transit.ts'
import type { Passage, Walk } from '../walk.ts'

/** The cause of an answer's death: what stopped it, or the translation that was missing when the request went out. */
export function explainReply(walk: Walk, { stop, transit }: Stopped): Stop {
  if (stop.code !== 'return-route-missing' && stop.code !== 'gateway-unreachable' && stop.code !== 'neighbour-failed')
    return stop
  const passage = translatorOf(walk, stop, transit.packet)
  return passage === undefined ? stop : natMissing(walk, passage, transit.packet.destination, stop)
}

/** The router that ought to have translated the request's source, judging by what else it does. */
function translatorOf(walk: Walk, stop: Stop, reply: Packet): Passage | undefined {
  const passages = walk.passages('request').filter(({ packet }) => packet.source === reply.destination)
  const last = passages.findLast(({ place }) => place.inode !== stop.place.inode)
  if (last === undefined || hasAddress(last.place, reply.destination)) return undefined
  return oughtToTranslate(walk, last, reply.destination) ? last : undefined
}

function oughtToTranslate(walk: Walk, passage: Passage, source: string): boolean {
  const { place, output } = passage
  const outside = addressesOf(place, output.index, passage.packet.family).map(ownAddress)
  if (isPrivateAddress(source) && outside.some((address) => address !== undefined && isGlobal(address))) return true
  return isOfContainerNetwork(walk, place, source) || translatesSiblings(walk, passage, source)
}

function isGlobal(address: string): boolean {
  return !isPrivateAddress(address) && !/^(fe[89ab]|169\.254\.)/i.test(address)
}

/** Container runtimes masquerade their bridge networks. */
function isOfContainerNetwork(walk: Walk, place: Place, source: string): boolean {
  return walk.scene.graph.networks.some(
    ({ runtime, driver, subnets, bridge }) =>
      runtime !== 'kernel' &&
      driver === 'bridge' &&
      bridge?.startsWith(`${place.inode}/`) === true &&
      subnets.some((subnet) => {
        const [network = '', length = ''] = subnet.split('/')
        return inSamePrefix(network, source, Number(length))
      }),
  )
}

/** Other subnets of the router are translated where they leave by the same interface. */
function translatesSiblings(walk: Walk, { place, output, packet }: Passage, source: string): boolean {
  const siblings = place.addresses.filter((entry) => {
    const own = ownAddress(entry)
    if (own === undefined || entry.index === output.index || own.includes(':') !== source.includes(':')) return false
    return entry.prefixLength < (own.includes(':') ? 128 : 32) && !inSamePrefix(own, source, entry.prefixLength)
  })
  return siblings.some((entry) => {
    const own = ownAddress(entry) ?? ''
    const probe: Packet = { ...packet, source: neighbourOf(own), sourcePort: packet.sourcePort }
    const before = walk.translations.length
    const ends = { layer: 'ip', hook: 'postrouting', output } as const
    visitHook(walk, place, ends, { packet: probe, hops: [] })
    return walk.translations.splice(before).length > 0
  })
}

/** Another address of the same subnet, as a member of it would have. */
function neighbourOf(address: string): string {
  const separator = address.includes(':') ? ':' : '.'
  const at = address.lastIndexOf(separator)
  const last = address.slice(at + 1)
  return `${address.slice(0, at + 1)}${last === '77' ? '78' : '77'}`
}

function natMissing(walk: Walk, passage: Passage, source: string, stop: Stop): Stop {
  const { place, output } = passage
  const summary = `${place.label} sends packets from ${source} out of ${nameOf(output)} untranslated, and ${stop.place.label} knows no way back to that address.`
  const evidence = [
    { fact: `no rule of ${place.label} translates ${source} where it leaves by ${nameOf(output)}`, source: 'nftables' },
    ...stop.evidence,
  ]
  const fix = masqueradeFix(walk, passage, source)
  return { code: 'nat-missing', place, link: output, summary, evidence, fix }
}

function masqueradeFix(walk: Walk, { place, input, output, packet }: Passage, source: string): Stop['fix'] {
  return fixMasqueradeMissing(place, walk.scene.home, {
    family: packet.family === 'ipv4' ? 'ip' : 'ip6',
    table: 'outgoing',
    chain: 'postrouting',
    source: subnetOf(place, input.index, source),
    output: nameOf(output),
  })
}

function subnetOf(place: Place, index: number, source: string): string {
  const entry = addressesOf(place, index, source.includes(':') ? 'ipv6' : 'ipv4').find((own) =>
    inSamePrefix(ownAddress(own) ?? '', source, own.prefixLength),
  )
  return entry === undefined ? source : `${networkOf(source, entry.prefixLength)}/${entry.prefixLength}`
}

/**
 * Why the asker does not know an answer that reached it: it comes from another address or port than it sent to, because the
 * router that translated the request was passed by on the way back.
 */
export function answerFromElsewhere(walk: Walk, asked: Packet, { place, link, transit }: Delivered): Stop | undefined {
  const { packet } = transit
  const ports = packet.icmp !== undefined || packet.sourcePort === asked.destinationPort
  if (packet.source === asked.destination && packet.destination === asked.source && ports) return undefined
  const seen = walk.translations.find(({ direction }) => direction === 'request')
  const where = seen?.place ?? place
  const summary = `${place.label} asked ${asked.destination}, but the answer comes from ${packet.source}, past ${where.label}, which translated the request and would have to translate its source too.`
  const evidence = [
    ...(seen === undefined
      ? []
      : [
          {
            fact: `${where.label}: ${seen.translation.kind} ${seen.translation.before} → ${seen.translation.after}`,
            source: 'nftables',
          },
        ]),
    { fact: `the answer comes in by ${nameOf(link)} in ${place.label} from ${packet.source}`, source: 'prediction' },
  ]
  const passage = walk.passages('request').find((candidate) => candidate.place.inode === where.inode)
  const fix = passage === undefined ? null : masqueradeFix(walk, passage, asked.source)
  return { code: 'nat-missing', place: where, summary, evidence, fix }
}

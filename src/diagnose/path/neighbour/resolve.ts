/** The link-layer address of a next hop: from the neighbour table, or asked for (neigh_resolve_output, net/core/neighbour.c). */
import type { Link, Neighbour } from '../../../kernel/index.ts'
import { NeighbourState, ownAddress } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import {
  addressesOf,
  addressTowards,
  familyOfAddress,
  hasAddress,
  isLinkLocalAddress,
  isUnspecified,
} from '../addresses.ts'
import { explainMissed } from '../cause/missed.ts'
import { hop, stopped } from '../hops.ts'
import { macOf, nameOf } from '../links.ts'
import type { FrameEnding, Left, PacketEnding, Stopped, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { type Answer, hearAnswer, hearQuestion, sendQuestion } from './asking.ts'
import { neighbourEntry } from './entries.ts'
import { answerOf, ask, type Question, questionOf } from './question.ts'

/** States in which the kernel sends to what the entry says (NUD_VALID). */
const VALID =
  NeighbourState.permanent |
  NeighbourState.noArp |
  NeighbourState.reachable |
  NeighbourState.probe |
  NeighbourState.stale |
  NeighbourState.delay
/** A question and its answers are followed through so many frames. */
const MOST_FRAMES = 512

/** The next hop's address on the link, or the end of the packet. */
export type Resolution = { readonly kind: 'known'; readonly mac: string; readonly transit: Transit } | Stopped | Left

/** Finds out the link-layer address of `target`. */
export function resolve(walk: Walk, place: Place, link: Link, target: string, transit: Transit): Resolution {
  const entry = neighbourEntry(place, link.index, target)
  const fixed = entry !== undefined && (entry.state & (NeighbourState.permanent | NeighbourState.noArp)) !== 0
  const known = fixed ? entry.lladdr : (walk.learnedNeighbour(place, link.index, target) ?? validAddress(entry))
  if (known !== undefined) return { kind: 'known', mac: known, transit }
  const question = questionFor(place, link, target, transit.packet.source)
  const answers = inquire(walk, place, link, question, transit)
  const best = chooseAnswer(walk, answers.heard, target)
  if (best !== undefined) {
    walk.learnNeighbour(place, link.index, target, best.mac, best)
    const detail = `${target} is ${best.mac}: ${nameOf(best.link)} in ${best.place.label} answers`
    return { kind: 'known', mac: best.mac, transit: hop(walk, place, link, transit, { action: 'send', detail }) }
  }
  return unresolved(walk, place, link, target, transit, answers.endings)
}

function validAddress(entry: Neighbour | undefined): string | undefined {
  return entry !== undefined && (entry.state & VALID) !== 0 ? entry.lladdr : undefined
}

function unresolved(
  walk: Walk,
  place: Place,
  link: Link,
  target: string,
  transit: Transit,
  endings: readonly FrameEnding[],
): PacketEnding & Resolution {
  const gateway = target !== transit.packet.destination
  const cause = explainMissed(walk, { place, link, target, gateway, endings, mac: undefined })
  if (cause.kind === 'left') {
    const detail = `asks for ${target} outside of what can be seen from here`
    const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail })
    return { ...cause.left, nextHop: target, transit: out }
  }
  return stopped(walk, cause.stop, transit)
}

/** The address that the kernel asks from (arp_solicit, ndisc_solicit). */
function questionFor(place: Place, link: Link, target: string, source: string): Question {
  const own = addressesOf(place, link.index, familyOfAddress(target))
  const usable = !isUnspecified(source) && source.includes(':') === target.includes(':')
  const mayUse = target.includes(':')
    ? own.some((entry) => ownAddress(entry) === source)
    : hasAddress(place, source) && announces(place, link, target, source)
  const linkLocal = own.find((entry) => isLinkLocalAddress(ownAddress(entry) ?? ''))
  const fallback = target.includes(':') ? (linkLocal ?? own[0]) : (addressTowards(place, link.index, target) ?? own[0])
  const asker =
    usable && mayUse ? source : ((fallback && ownAddress(fallback)) ?? (target.includes(':') ? '::' : '0.0.0.0'))
  return { target, asker, askerMac: macOf(link) }
}

/** arp_announce: 0 any own address; 1 one of the target's subnet; 2 the interface's best. */
function announces(place: Place, link: Link, target: string, source: string): boolean {
  const level = Math.max(
    Number(place.settings.ofInterface('ipv4', 'all', 'arp_announce') ?? 0),
    Number(place.settings.ofInterface('ipv4', nameOf(link), 'arp_announce') ?? 0),
  )
  const near = addressTowards(place, link.index, target)
  return level === 0 || (level === 1 && near !== undefined && ownAddress(near) === source)
}

interface Inquiry {
  readonly heard: readonly Answer[]
  readonly endings: readonly FrameEnding[]
}

/** Sends the question, lets everybody who hears it answer, and collects what comes back. */
function inquire(walk: Walk, place: Place, link: Link, question: Question, transit: Transit): Inquiry {
  const heard: Answer[] = []
  const endings: FrameEnding[] = []
  const queue = sendQuestion(walk, place, link, { packet: ask(question), hops: transit.hops })
  for (let frame = 0; queue.length > 0 && frame < MOST_FRAMES; frame++) {
    const ending = queue.shift()
    if (ending === undefined) break
    if (ending.kind !== 'landed') {
      endings.push(ending)
      continue
    }
    const asked = questionOf(ending.transit.packet)
    if (asked !== undefined && !isAsker(ending, place, link)) {
      endings.push(ending)
      queue.push(...hearQuestion(walk, ending, asked))
      continue
    }
    const answer = answerOf(ending.transit.packet)
    if (answer === undefined || answer.address !== question.target || !isAsker(ending, place, link)) continue
    const taken = hearAnswer(walk, ending, answer.mac)
    if (taken.kind === 'stopped') endings.push(taken)
    else heard.push(taken.answer)
  }
  return { heard, endings }
}

function isAsker(landing: { readonly place: Place; readonly link: Link }, place: Place, link: Link): boolean {
  return landing.place.inode === place.inode && landing.link.index === link.index
}

/** Several may answer; whoever was meant counts, and otherwise the first. */
function chooseAnswer(walk: Walk, heard: readonly Answer[], target: string): Answer | undefined {
  const meant = walk.flow.to
  const others = new Set(heard.map(({ mac }) => mac))
  if (others.size > 1 && new Set(heard.map(({ place }) => place.inode)).size > 1) {
    const who = heard.map(({ place, mac }) => `${place.label} (${mac})`).join(' and ')
    walk.doubts.add(`${target} is answered for by ${who}.`)
  }
  return heard.find(({ place }) => place.inode === meant?.inode) ?? heard[0]
}

/** Why a frame, or a question, found nobody: from the symptom to its cause. */
import type { Link } from '../../../kernel/index.ts'
import { NeighbourState, ownAddress } from '../../../kernel/index.ts'
import { fixAddressMissing } from '../../remedy/link-fix.ts'
import { fixNeighbourForgotten, fixNeighbourMissing, fixNeighbourStale } from '../../remedy/neighbour-fix.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import { together } from '../../remedy/together.ts'
import type { Place } from '../../scene/place.ts'
import { addressTowards, familyOfAddress, hasAddress, isGroupMac } from '../addresses.ts'
import { ruleWords } from '../hooks.ts'
import { downStop } from '../link/transmit-stops.ts'
import { bridgeOf, isUp, kindOf, macOf, nameOf, ZERO_MAC } from '../links.ts'
import { neighbourEntry } from '../neighbour/entries.ts'
import type { FrameEnding, Landing, Left, PacketEnding, Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { attachmentOf, type End, sameEnd } from './attachment.ts'
import { gatewayStop } from './gateway.ts'
import { holdersOf, holdersOfMac } from './holders.ts'
import { misplacedEntry } from './misplaced-entry.ts'
import { overlayStop, vxlanOf } from './overlay.ts'
import { separation } from './separation.ts'
import { bareMember, bareWords, downMember } from './stray-member.ts'
import { subnetTwice } from './subnet-twice.ts'

/** What was looked for, and how it went. */
export interface Missed {
  /** Namespace and interface that looked for it. */
  readonly place: Place
  readonly link: Link
  /** IP address of the next hop. */
  readonly target: string
  /** It is a router on the way, not the destination itself. */
  readonly gateway: boolean
  /** What became of the copies of the question, or of the frame. */
  readonly endings: readonly FrameEnding[]
  /** Link-layer address of the frame; undefined when it was that which was asked for. */
  readonly mac: string | undefined
}

/** The cause, or where it left what can be seen. */
export type MissedCause =
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'left'; readonly left: Left }

/** Finds the cause. */
export function explainMissed(walk: Walk, missed: Missed): MissedCause {
  const stop = certainCause(walk, missed)
  if (stop !== undefined) return { kind: 'stop', stop }
  const left = missed.endings.find((ending) => ending.kind === 'left')
  if (left !== undefined) return { kind: 'left', left }
  return { kind: 'stop', stop: remainingCause(walk, missed) }
}

function certainCause(walk: Walk, missed: Missed): Stop | undefined {
  const here: End = { place: missed.place, link: missed.link }
  const own = attachmentOf(walk, here.place, here.link)
  if (own.broken !== undefined) return own.broken
  const holders = holdersOf(walk, missed.place, missed.target).filter((holder) => !sameEnd(holder, here))
  const [holder] = holders
  if (holder !== undefined) return holderCause(walk, missed, here, holder)
  return ownerless(walk, missed)
}

/** Somebody has the address: what keeps him from hearing, or from answering. */
function holderCause(walk: Walk, missed: Missed, here: End, holder: End): Stop | undefined {
  const stops = missed.endings.flatMap((ending) =>
    ending.kind === 'stopped' && ending.stop.notForIt !== true ? [ending.stop] : [],
  )
  const theirs = attachmentOf(walk, holder.place, holder.link)
  if (theirs.broken !== undefined) return theirs.broken
  const atHim = stops.find((stop) => stop.place.inode === holder.place.inode)
  if (atHim !== undefined && atHim.code !== 'fdb-wrong-destination') return atHim
  const twice = subnetTwice(walk, here, holder, missed.target)
  if (twice !== undefined) return twice
  const twin = duplicateHere(missed, holder)
  if (twin !== undefined) return twin
  const wrong = wrongEntry(walk, missed, holder)
  const onHisWay = stops.find((stop) =>
    [...theirs.ends, ...attachmentOf(walk, here.place, here.link).ends].some((end) => concerns(stop, end)),
  )
  if (onHisWay !== undefined && wrong === undefined) return onHisWay
  const apart = separation(walk, here, holder, missed.target)
  if (apart !== undefined) return apart
  // Forwarding entries for a wrong address are of no use: it is the address that is to be mended.
  if (wrong !== undefined) return wrong
  const far = overlayStop(walk, missed, here, holder, stops)
  if (far !== undefined) return far
  const misplaced = misplacedEntry(walk, holder)
  if (misplaced !== undefined) return misplaced
  return stops.find((stop) => stop.code !== 'bridge-port-blocked') ?? stops[0]
}

/** The asker itself has the link-layer address of the one whom it asks for. */
function duplicateHere({ place, link }: Missed, holder: End): Stop | undefined {
  const mac = macOf(link)
  return mac !== ZERO_MAC && mac === macOf(holder.link) ? duplicateMac({ place, link }, holder, mac) : undefined
}

function concerns(stop: Stop, end: End): boolean {
  if (stop.place.inode !== end.place.inode) return false
  return stop.link?.index === end.link.index || stop.towards?.index === end.link.index
}

/** The neighbour table sent the frame to somebody else's link-layer address. */
function wrongEntry(walk: Walk, { place, link, target, mac }: Missed, holder: End): Stop | undefined {
  if (mac === undefined || isGroupMac(mac) || mac === macOf(holder.link)) return undefined
  return neighbourWrong(walk, { place, link }, target, mac, holder)
}

/** The stop that a wrong entry is. */
export function neighbourWrong(walk: Walk, asker: End, target: string, mac: string, holder: End): Stop {
  const teller = tellerOf(walk, asker, target, mac)
  const { place, link } = teller ?? asker
  const [other] = holdersOfMac(walk, place, mac)
  const whose = other === undefined ? 'nobody near by has' : `belongs to ${nameOf(other.link)} in ${other.place.label}`
  const summary = `${place.label} believes ${target} to be ${mac}, which ${whose}; really it is ${macOf(holder.link)}, ${nameOf(holder.link)} in ${holder.place.label}.`
  const evidence = [
    { fact: `neighbour of ${nameOf(link)} in ${place.label}: ${target} lladdr ${mac}`, source: 'rtnetlink' },
    {
      fact: `${nameOf(holder.link)} in ${holder.place.label} has ${target} and ${macOf(holder.link)}`,
      source: 'rtnetlink',
    },
  ]
  const { home } = walk.scene
  const fix =
    teller === undefined
      ? fixNeighbourStale(place, home, nameOf(link), target)
      : together(
          fixNeighbourMissing(place, home, nameOf(link), target, macOf(holder.link)),
          fixNeighbourForgotten(asker.place, home, nameOf(asker.link), target),
        )
  return { code: 'neighbour-wrong', place, link, summary, evidence, fix }
}

/**
 * Whose entry the asker only repeats: the vxlan that answers questions in the others' place (vxlan(8), proxy), now or when the
 * asker learned it.
 */
function tellerOf(walk: Walk, asker: End, target: string, mac: string): End | undefined {
  const own = neighbourEntry(asker.place, asker.link.index, target)
  if (own !== undefined && (own.state & (NeighbourState.permanent | NeighbourState.noArp)) !== 0) return undefined
  const tellers = [walk.answererOf(asker.place, asker.link.index, target), vxlanOf(walk, asker)]
  return tellers.find((one) => one !== undefined && neighbourEntry(one.place, one.link.index, target)?.lladdr === mac)
}

/** Nobody near by has the address. */
function ownerless(walk: Walk, missed: Missed): Stop | undefined {
  const unwilling = missed.endings.find(
    (ending) => ending.kind === 'stopped' && ending.stop.code === 'forwarding-disabled',
  )
  if (unwilling?.kind === 'stopped') return unwilling.stop
  // Beyond what can be seen somebody may well have it.
  const leaves = missed.endings.some(({ kind }) => kind === 'left')
  const translated = leaves ? undefined : translationTo(walk, missed.target)
  if (translated !== undefined) return translated
  const { to } = walk.flow
  if (to !== undefined && missed.target === walk.flow.destination && !hasAddress(to, missed.target)) {
    return addressGone(walk, missed, to)
  }
  return leaves
    ? undefined
    : (downMember(walk, missed, missed.target) ?? gatewayStop(walk, missed) ?? lostByOne(walk, missed))
}

/** It is known who ought to have the address. */
function isMeant({ flow }: Walk, target: string): boolean {
  return flow.to !== undefined && target === flow.destination
}

/** Everybody on the wire has an address of the subnet but one. */
function lostByOne(walk: Walk, missed: Missed): Stop | undefined {
  const { place, link, target } = missed
  const member = missed.gateway || isMeant(walk, target) ? undefined : bareMember(walk, missed, target)
  const length = addressTowards(place, link.index, target)?.prefixLength
  if (member === undefined || length === undefined) return undefined
  const { summary, fact } = bareWords(member)
  return {
    code: 'address-missing',
    place: member.place,
    link: member.link,
    summary: `Nobody on the link of ${nameOf(link)} in ${place.label} has ${target}, and ${summary}.`,
    evidence: [{ fact, source: 'rtnetlink' }],
    fix: addressFix(walk, member.place, member.link, `${target}/${length}`),
  }
}

/** A rule translates to an address that nobody has. */
export function translationTo(walk: Walk, target: string): Stop | undefined {
  const seen = walk.translations.find(
    ({ translation }) =>
      translation.kind === 'dnat' && translation.rule !== null && addressIn(translation.after) === target,
  )
  const rule = seen?.translation.rule
  if (seen === undefined || rule === undefined || rule === null) return undefined
  const { place, translation } = seen
  const summary = `${ruleWords(rule)} in ${place.label} translates ${translation.before} to ${translation.after}, which nobody has.`
  const evidence = [
    {
      fact: `${place.label}: ${rule.text}`,
      source: rule.backend === 'iptables-legacy' ? 'iptables-legacy' : 'nftables',
    },
    { fact: `no interface near ${place.label} has ${target}`, source: 'rtnetlink' },
  ]
  return {
    code: 'nat-target-missing',
    place,
    rule,
    summary: summary.charAt(0).toUpperCase() + summary.slice(1),
    evidence,
    fix: null,
  }
}

function addressIn(text: string): string {
  const bracket = /^\[(.+)\]/.exec(text)
  if (bracket?.[1] !== undefined) return bracket[1]
  return text.split(':').length === 2 ? (text.split(':')[0] ?? text) : text
}

/** The namespace that is meant has lost its address, or the interface that had it. */
function addressGone(walk: Walk, { place, link, target }: Missed, to: Place): Stop {
  const links = to.links.filter((candidate) => kindOf(candidate) !== 'loopback')
  const [first] = links
  if (first === undefined) {
    const summary = `${to.label} has no interface beside its loopback: its link is gone.`
    const evidence = [{ fact: `${to.label} has no interface but the loopback`, source: 'rtnetlink' }]
    return { code: 'link-peer-missing', place: to, summary, evidence, fix: null }
  }
  const down = links.find((candidate) => !isUp(candidate))
  const family = familyOfAddress(target)
  const bare =
    links.find((candidate) => addressTowards(to, candidate.index, target) === undefined && isUp(candidate)) ?? first
  if (down !== undefined && links.every((candidate) => !isUp(candidate))) return downStop(walk, to, down)
  const length = addressTowards(place, link.index, target)?.prefixLength ?? (family === 'ipv4' ? 32 : 128)
  const summary = `No interface of ${to.label} has the address ${target}.`
  const has = to.addresses
    .filter((entry) => entry.index === bare.index)
    .map((entry) => `${ownAddress(entry)}/${entry.prefixLength}`)
  const evidence = [
    {
      fact: `${nameOf(bare)} in ${to.label} has ${has.length === 0 ? 'no address' : has.join(', ')}`,
      source: 'rtnetlink',
    },
  ]
  const fix = addressFix(walk, to, bare, `${target}/${length}`)
  return { code: 'address-missing', place: to, link: bare, summary, evidence, fix }
}

/** Where IPv6 is switched off for the interface, it is switched on first. */
function addressFix(walk: Walk, to: Place, link: Link, prefix: string): Stop['fix'] {
  const { home } = walk.scene
  const fix = fixAddressMissing(to, home, nameOf(link), prefix)
  if (!prefix.includes(':') || to.settings.ofInterface('ipv6', nameOf(link), 'disable_ipv6') !== '1') return fix
  const on = fixSettings(to, home, [[settingOf('ipv6', nameOf(link), 'disable_ipv6'), '0']])
  return { ...fix, commands: [...on.commands, ...fix.commands] }
}

/** What is left to say when nothing explains it. */
function remainingCause(walk: Walk, missed: Missed): Stop {
  const stops = missed.endings.flatMap((ending) =>
    ending.kind === 'stopped' && ending.stop.notForIt !== true ? [ending.stop] : [],
  )
  const telling =
    stops.find(({ code }) => code !== 'bridge-port-blocked' && code !== 'interface-down') ??
    (missed.endings.length === stops.length ? stops[0] : undefined)
  if (telling !== undefined) return telling
  const { place, link, target, mac } = missed
  const entry = neighbourEntry(place, link.index, target)
  if (mac !== undefined && entry !== undefined) {
    const summary = `${place.label} sends to ${target} at ${mac}, which nobody on the link of ${nameOf(link)} has.`
    const evidence = [
      { fact: `neighbour of ${nameOf(link)} in ${place.label}: ${target} lladdr ${mac}`, source: 'rtnetlink' },
    ]
    const fix = fixNeighbourStale(place, walk.scene.home, nameOf(link), target)
    return { code: 'neighbour-wrong', place, link, summary, evidence, fix }
  }
  const summary = `Nobody on the link of ${nameOf(link)} in ${place.label} answers for ${target}.`
  const evidence = [{ fact: `no interface near ${place.label} has ${target}`, source: 'rtnetlink' }]
  return {
    code: missed.gateway ? 'gateway-unreachable' : 'neighbour-failed',
    place,
    link,
    summary,
    evidence,
    fix: null,
  }
}

/** A frame that landed somewhere, and the next hop that it was meant for. */
export interface Landed {
  readonly place: Place
  readonly link: Link
  readonly nextHop: string
  readonly landing: Landing
  readonly endings: readonly FrameEnding[]
}

/**
 * A packet that dies where it never ought to have come: the frame was for a link-layer address whose owner does not have the
 * next hop's address.
 */
export function explainWrongPlace(walk: Walk, landed: Landed, ending: PacketEnding): PacketEnding {
  const { landing, nextHop, place, link } = landed
  if (ending.kind !== 'stopped' || ending.stop.place.inode !== landing.place.inode) return ending
  if (hasAddress(landing.place, nextHop) || landing.preroutingDone === true) return ending
  const mac = landing.transit.packet.frame?.destination
  const [holder] = holdersOf(walk, place, nextHop)
  if (mac === undefined || isGroupMac(mac) || holder === undefined || bridgeOf(link) !== undefined) return ending
  if (macOf(holder.link) === mac) return { ...ending, stop: duplicateMac(landing, holder, mac) }
  return { ...ending, stop: neighbourWrong(walk, { place, link }, nextHop, mac, holder) }
}

function duplicateMac({ place, link }: End, holder: End, mac: string): Stop {
  const summary = `${nameOf(link)} in ${place.label} and ${nameOf(holder.link)} in ${holder.place.label} have the same link-layer address ${mac}.`
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label} has ${mac}`, source: 'rtnetlink' },
    { fact: `${nameOf(holder.link)} in ${holder.place.label} has ${mac}`, source: 'rtnetlink' },
  ]
  return { code: 'mac-duplicate', place, link, summary, evidence, fix: null }
}

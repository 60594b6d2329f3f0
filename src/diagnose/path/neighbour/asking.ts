/** How a question for a link-layer address is sent, heard and answered (net/ipv4/arp.c, net/ipv6/ndisc.c). */
import { type Link, NeighbourFlag, ownAddress } from '../../../kernel/index.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import { addressesOf, addressTowards, hasAddress } from '../addresses.ts'
import { visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { highestSetting, sourceStop } from '../ip/reverse-path.ts'
import { macOf, nameOf } from '../links.ts'
import type { FrameEnding, Landing, Stop, Stopped, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { answerTo, type Question } from './question.ts'

/** Who answered what. */
export interface Answer {
  readonly mac: string
  readonly place: Place
  readonly link: Link
}

/** Neighbour discovery is IP itself: its messages pass the hooks of IPv6 on both sides; ARP has hooks of its own. */
function passOut(walk: Walk, place: Place, link: Link, transit: Transit) {
  if (transit.packet.arp !== undefined)
    return visitHook(walk, place, { layer: 'arp', hook: 'output', output: link }, transit)
  const out = visitHook(walk, place, { layer: 'ip', hook: 'output', output: link }, transit)
  if (out.kind === 'stopped') return out
  return visitHook(walk, place, { layer: 'ip', hook: 'postrouting', output: link }, out.transit)
}

function passIn(walk: Walk, { place, link, transit }: Landing) {
  if (transit.packet.arp !== undefined)
    return visitHook(walk, place, { layer: 'arp', hook: 'input', input: link }, transit)
  const first = visitHook(walk, place, { layer: 'ip', hook: 'prerouting', input: link }, transit)
  if (first.kind === 'stopped') return first
  return visitHook(walk, place, { layer: 'ip', hook: 'input', input: link }, first.transit)
}

/** Sends the question out of an interface. */
export function sendQuestion(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const asked = passOut(walk, place, link, transit)
  return asked.kind === 'stopped' ? [asked] : walk.steps.transmit(walk, place, link, asked.transit)
}

/** Somebody hears the question: the frames that his answer makes, or why he gives none. */
export function hearQuestion(walk: Walk, landing: Landing, question: Question): FrameEnding[] {
  const asked = passIn(walk, landing)
  if (asked.kind === 'stopped') return [asked]
  const { place, link } = landing
  const silence = whySilent(walk, place, link, question, asked.transit)
  if (silence === 'nothing to say') return []
  if (silence !== undefined) return [stopped(walk, silence, asked.transit)]
  if (hasAddress(place, question.target)) walk.learnNeighbour(place, link.index, question.asker, question.askerMac)
  const packet = answerTo(asked.transit.packet, macOf(link))
  const detail = `answers for ${question.target}: ${macOf(link)}`
  const reply = { ...hop(walk, place, link, asked.transit, { action: 'send', detail, packet }), tracked: undefined }
  return sendQuestion(walk, place, link, reply)
}

/** Why nobody answers here; undefined when somebody does. */
function whySilent(
  walk: Walk,
  place: Place,
  link: Link,
  question: Question,
  transit: Transit,
): Stop | 'nothing to say' | undefined {
  if (question.target.includes(':')) return discoverySilence(place, link, question)
  const own = hasAddress(place, question.target)
  if (own) {
    const level = highestSetting(place, link, 'arp_ignore')
    const ignored = ignores(place, link, question, level)
    if (ignored) return ignoring(walk, place, link, question, level)
    const wrongWay = sourceStop(walk, place, link, { ...transit.packet, source: question.asker })
    return wrongWay ?? arpFilterStop(walk, place, link, question)
  }
  if (!wouldProxy(place, link, question)) return 'nothing to say'
  return mayForward(place, link) ? undefined : notForwarding(walk, place, link, question)
}

/** A solicitation is answered for addresses of this very interface, past their check for duplicates, and for proxied ones. */
function discoverySilence(place: Place, link: Link, { target }: Question): 'nothing to say' | undefined {
  const own = addressesOf(place, link.index, 'ipv6').find((entry) => ownAddress(entry) === target)
  const TENTATIVE_OR_FAILED = 0x48
  if (own !== undefined && ((own.allFlags ?? own.flags) & TENTATIVE_OR_FAILED) === 0) return undefined
  const proxied = place.settings.ofInterface('ipv6', nameOf(link), 'proxy_ndp') === '1'
  return proxied && hasProxyEntry(place, link, target) ? undefined : 'nothing to say'
}

function hasProxyEntry(place: Place, link: Link, target: string): boolean {
  return place.neighbours.some(
    (entry) => entry.index === link.index && entry.destination === target && (entry.flags & NeighbourFlag.proxy) !== 0,
  )
}

/** arp_ignore (Documentation/networking/ip-sysctl.rst). */
function ignores(place: Place, link: Link, { target, asker }: Question, level: number): boolean {
  const here = addressesOf(place, link.index, 'ipv4').some((entry) => ownAddress(entry) === target)
  if (level === 1) return !here
  if (level === 2) return !here || addressTowards(place, link.index, asker) === undefined
  if (level === 3) return addressesOf(place, link.index, 'ipv4').every((entry) => entry.scope >= 254)
  return level === 8
}

function ignoring(walk: Walk, place: Place, link: Link, { target }: Question, level: number): Stop {
  const summary = `${place.label} has ${target}, but is told not to answer ARP for it on ${nameOf(link)} (arp_ignore ${level}).`
  const evidence = [{ fact: `arp_ignore of ${nameOf(link)} in ${place.label} is ${level}`, source: 'procfs' }]
  const settings = [
    ['net.ipv4.conf.all.arp_ignore', '0'],
    [settingOf('ipv4', nameOf(link), 'arp_ignore'), '0'],
  ] as const
  return {
    code: 'neighbour-failed',
    place,
    link,
    summary,
    evidence,
    fix: fixSettings(place, walk.scene.home, settings, false),
  }
}

/** arp_filter: only the interface that leads back to the asker answers. */
function arpFilterStop(walk: Walk, place: Place, link: Link, { target, asker }: Question): Stop | undefined {
  if (highestSetting(place, link, 'arp_filter') === 0) return undefined
  const back = place.lookUpRoute({ destination: asker, source: target })
  if (back.output === link.index) return undefined
  const summary = `${place.label} does not answer ARP for ${target} on ${nameOf(link)}, because answers to ${asker} would leave elsewhere (arp_filter).`
  const evidence = [{ fact: `${place.label}: ${back.text}`, source: 'rtnetlink' }]
  const settings = [[settingOf('ipv4', nameOf(link), 'arp_filter'), '0']] as const
  return {
    code: 'neighbour-failed',
    place,
    link,
    summary,
    evidence,
    fix: fixSettings(place, walk.scene.home, settings, false),
  }
}

function mayForward(place: Place, link: Link): boolean {
  return place.settings.ofInterface('ipv4', nameOf(link), 'forwarding') !== '0'
}

/** It would answer for others, but only routers do. */
function notForwarding(walk: Walk, place: Place, link: Link, { target }: Question): Stop {
  const everywhere = place.settings.get('net.ipv4.ip_forward') === '1'
  const key = everywhere ? settingOf('ipv4', nameOf(link), 'forwarding') : 'net.ipv4.ip_forward'
  const summary = `${place.label} does not forward, and so does not answer for ${target} on ${nameOf(link)} either (proxy_arp).`
  const evidence = [{ fact: `${key} is 0 in ${place.label}`, source: 'procfs' }]
  return {
    code: 'forwarding-disabled',
    place,
    link,
    summary,
    evidence,
    fix: fixSettings(place, walk.scene.home, [[key, '1']]),
  }
}

/** Answers for somebody else who is behind another interface (arp_fwd_proxy, pneigh_lookup). */
function wouldProxy(place: Place, link: Link, { target }: Question): boolean {
  if (hasProxyEntry(place, link, target)) return true
  if (highestSetting(place, link, 'proxy_arp') === 0) return false
  const route = place.lookUpRoute({ destination: target })
  return route.kind === 'unicast' && route.output !== link.index
}

/** The asker hears an answer. */
export function hearAnswer(
  walk: Walk,
  landing: Landing,
  mac: string,
): { readonly kind: 'heard'; readonly answer: Answer } | Stopped {
  const asked = passIn(walk, landing)
  if (asked.kind === 'stopped') return asked
  const who = landing.transit.hops.findLast(
    ({ detail }) => detail.startsWith('answers for ') || detail.includes(' answers for '),
  )
  const place = who === undefined ? landing.place : walk.scene.place(who.namespace)
  return { kind: 'heard', answer: { mac, place, link: place.link(who?.index ?? 0) ?? landing.link } }
}

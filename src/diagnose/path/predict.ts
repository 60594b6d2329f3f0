/** Follows a flow through the scene as the kernel would: its first packet, then the answer. */
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { hasAddress, isLinkLocalAddress } from './addresses.ts'
import { addressElsewhere } from './cause/duplicate.ts'
import { holdersOf } from './cause/holders.ts'
import { translationTo } from './cause/missed.ts'
import { answerFromElsewhere, explainReply } from './cause/reply.ts'
import type { Flow } from './flow.ts'
import { replyTo, requestOf } from './flow-packets.ts'
import { stopped } from './hops.ts'
import { kindOf, nameOf } from './links.ts'
import type { Cause, Prediction } from './prediction.ts'
import { steps } from './steps.ts'
import type { Delivered, Left, Stop, Stopped } from './transit.ts'
import { type SendOptions, Walk } from './walk.ts'

/** What becomes of a flow. Nothing is sent, and nothing changed. */
export function predict(scene: Scene, flow: Flow): Prediction {
  const walk = new Walk(scene, flow, steps)
  const { outputInterface } = flow
  const bound = outputInterface === undefined ? {} : { outputInterface }
  const there = steps.send(walk, flow.from, { packet: requestOf(flow), hops: [] }, bound)
  if (there.kind === 'stopped') return ended(walk, { ...there, stop: explainRequest(walk, there) })
  if (there.kind === 'left') return left(walk, there)
  const astray = addressElsewhere(walk, there)
  if (astray !== undefined) return ended(walk, stopped(walk, astray, there.transit))
  return answered(walk, there)
}

/** A request that had no way to go after a rule translated it to an address that nobody has: the rule is the cause. */
function explainRequest(walk: Walk, { stop, transit }: Stopped): Stop {
  const { destination } = transit.packet
  const nowhere = stop.code === 'route-missing' || stop.code === 'route-blackhole'
  // A chain that accepts what it knows (Docker's) drops what is translated to somebody else.
  if (!nowhere && !(stop.code === 'filtered' && staysHere(stop.place, destination))) return stop
  if (holdersOf(walk, stop.place, destination).length > 0) return stop
  return translationTo(walk, destination) ?? stop
}

/** The address is on a link whose every member can be seen: a bridge without hardware, or a pair. */
function staysHere(place: Place, address: string): boolean {
  const route = place.lookUpRoute({ destination: address })
  const link = place.link(route.output)
  if (route.kind !== 'unicast' || route.gateway !== undefined || link === undefined) return false
  if (kindOf(link) !== 'bridge') return kindOf(link) === 'veth'
  return place.links.every((port) => port.master !== link.index || kindOf(port) !== 'device')
}

/** A link-local address means something on one link only: the answer goes out where the question came in. */
function answeringBy({ link, transit }: Delivered): SendOptions {
  const zoned = transit.packet.family === 'ipv6' && isLinkLocalAddress(transit.packet.source)
  return zoned ? { outputInterface: link.index } : {}
}

function answered(walk: Walk, there: Delivered): Prediction {
  const asked = there.transit.hops[0]?.packet ?? there.transit.packet
  walk.direction = 'reply'
  const back = steps.send(
    walk,
    there.place,
    { packet: replyTo(there.transit.packet), hops: there.transit.hops },
    answeringBy(there),
  )
  if (back.kind === 'left') return left(walk, back)
  if (back.kind === 'stopped') return ended(walk, { ...back, stop: explainReply(walk, back) })
  const wrong =
    back.place.inode === walk.flow.from.inode ? answerFromElsewhere(walk, asked, back) : lostElsewhere(walk, back)
  if (wrong !== undefined) return ended(walk, stopped(walk, wrong, back.transit))
  return { ...common(walk, back.transit.hops), verdict: 'delivered', cause: null, fix: null, leaves: null }
}

/** The answer reaches another namespace that has the asker's address too. */
function lostElsewhere(walk: Walk, { place, link, transit }: Delivered): Stop {
  const { from } = walk.flow
  const address = transit.packet.destination
  const both = hasAddress(from, address)
  const summary = `The answer for ${address} goes to ${place.label} instead of ${from.label}.`
  const evidence = [
    { fact: `${place.label} has ${address}`, source: 'rtnetlink' },
    { fact: `${from.label} ${both ? 'has it too' : 'does not have it'}`, source: 'rtnetlink' },
  ]
  return { code: both ? 'address-duplicate' : 'nat-missing', place, link, summary, evidence, fix: null }
}

function common(walk: Walk, hops: Prediction['hops']) {
  return { direction: walk.direction, hops, doubts: [...walk.doubts] } as const
}

function left(walk: Walk, { place, link, nextHop, transit }: Left): Prediction {
  const leaves = { namespace: place.inode, interface: nameOf(link), nextHop }
  return { ...common(walk, transit.hops), verdict: 'delivered', cause: null, fix: null, leaves }
}

function ended(walk: Walk, { stop, transit }: Stopped): Prediction {
  const verdict = walk.direction === 'reply' ? 'no-reply' : stop.refused === true ? 'refused' : 'dropped'
  return { ...common(walk, transit.hops), verdict, cause: causeOf(stop), fix: stop.fix, leaves: null }
}

/** The cause, as it is told. */
function causeOf({ code, place, link, rule, summary, evidence }: Stop): Cause {
  const { node } = place
  const names = [...node.names, ...node.owners.map(({ name }) => name)].filter((name) => name !== '')
  const where = {
    namespace: place.inode,
    names: [...new Set(names)],
    ...(link === undefined ? {} : { interface: nameOf(link) }),
    ...(rule === undefined ? {} : { rule }),
  }
  return { code, where, summary, evidence }
}

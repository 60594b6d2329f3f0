/** A forwarding information base of our own: answers as the kernel would, from routes and rules that were read, or supposed. */
import { LinkFlag } from '../../../kernel/index.ts'
import type { Family, RouteAnswer, RouteQuestion } from '../place.ts'
import { isUnspecified } from './address-bits.ts'
import { decideIpv4 } from './decide-ipv4.ts'
import { decideIpv6 } from './decide-ipv6.ts'
import { type Decision, isRejection } from './decision.ts'
import { type FibView, interfaceName, LOOPBACK_INDEX, vrfOf } from './fib-view.ts'
import { ipv4Source, Scope } from './ipv4-source.ts'
import { ipv6Source } from './ipv6-source.ts'
import { chooseByWeight, type NextHop } from './next-hop.ts'
import { type RouteFlow, routeFlow } from './route-flow.ts'
import { textOfRoute, textOfRule } from './route-text.ts'
import { TableSet } from './table-set.ts'

/** The routing of one namespace, as it was when its parts were read. */
export class Fib {
  readonly #view: FibView
  readonly #tables: TableSet

  constructor(view: FibView) {
    this.#view = view
    this.#tables = new TableSet(view)
  }

  /**
   * The way of a packet. For one that came in, whether the namespace forwards, or accepts the source, is not asked.
   * @throws RangeError when the question's addresses are none
   */
  lookUp(question: RouteQuestion): RouteAnswer {
    const flow = routeFlow(this.#view, question)
    const fixed = question.inputInterface === undefined ? this.#beforeTables(question, flow) : arrivingForAll(question)
    return fixed ?? this.#byTables(question, flow)
  }

  #byTables(question: RouteQuestion, flow: RouteFlow): RouteAnswer {
    const decide = flow.family === 'ipv4' ? decideIpv4 : decideIpv6
    const decision = decide(this.#view, this.#tables, flow)
    if (question.inputInterface !== undefined) return this.#answer(question, flow, decision)
    const { outputInterface = 0 } = question
    // "Apparently, routing tables are wrong. Assume, that the destination is on link." (ip_route_output_key_hash_rcu)
    if (flow.family === 'ipv4' && outputInterface !== 0 && isRejection(decision.kind) && flow.vrf === 0) {
      return this.#onLink(question, outputInterface)
    }
    return this.#answer(question, flow, decision)
  }

  /** What IPv4 decides without asking a table, for packets made here. */
  #beforeTables(question: RouteQuestion, flow: RouteFlow): RouteAnswer | undefined {
    const { outputInterface = 0, destination } = question
    if (outputInterface === 0) return this.#forGroupFromSource(question, flow)
    const link = this.#view.link(outputInterface)
    if (link === undefined || (flow.family === 'ipv4' && (link.flags & LinkFlag.up) === 0)) return NOWHERE
    if (flow.family === 'ipv4' && (destination.startsWith('224.0.0.') || destination === BROADCAST)) {
      return this.#onLink(question, outputInterface)
    }
    return undefined
  }

  /** A multicast or broadcast packet leaves by the interface that has its source. */
  #forGroupFromSource(question: RouteQuestion, flow: RouteFlow): RouteAnswer | undefined {
    if (flow.family === 'ipv6' || !flow.sourceChosen || kindOfAddress(question.destination) === undefined)
      return undefined
    const owner = this.#view.addresses.find(({ local, address }) => (local ?? address) === question.source)
    return owner === undefined ? undefined : this.#onLink(question, owner.index)
  }

  #onLink(question: RouteQuestion, output: number): RouteAnswer {
    const kind = kindOfAddress(question.destination) ?? 'unicast'
    return {
      kind,
      output,
      gateway: undefined,
      source: chosenSource(question) ?? ipv4Source(this.#view, output, undefined, Scope.link),
      mtu: undefined,
      table: 0,
      route: undefined,
      text: `${question.destination} dev ${interfaceName(this.#view, output)}`,
    }
  }

  #answer(question: RouteQuestion, flow: RouteFlow, decision: Decision): RouteAnswer {
    const { kind, route, table } = decision
    const text = this.#textOf(decision)
    const hop = decision.hops.length > 1 ? chooseByWeight(decision.hops, flow) : decision.hops[0]
    if (route === undefined || hop === undefined) return { ...NOWHERE, kind, table, route, text }
    const cameIn = question.inputInterface !== undefined
    const source = cameIn
      ? undefined
      : (chosenSource(question) ?? this.#sourceFor(question, flow.family, decision, hop))
    const shared = { source, mtu: route.metrics?.mtu, table, route, text }
    if (kind === 'local') {
      return { ...shared, kind, output: vrfOf(this.#view, hop.output) || LOOPBACK_INDEX, gateway: undefined }
    }
    const group = flow.family === 'ipv4' && !cameIn ? kindOfAddress(question.destination) : undefined
    const direct = group === 'broadcast' || (group === 'multicast' && route.destinationLength < 4)
    return { ...shared, kind: group ?? kind, output: hop.output, gateway: direct ? undefined : hop.gateway }
  }

  #sourceFor(question: RouteQuestion, family: Family, { kind, route }: Decision, hop: NextHop): string | undefined {
    if (route?.preferredSource !== undefined) return route.preferredSource
    if (family === 'ipv6') return ipv6Source(this.#view, hop.output, question.destination)
    if (kind === 'local') return question.destination
    return ipv4Source(this.#view, hop.output, hop.gateway, route?.scope ?? Scope.universe)
  }

  #textOf({ route, rule }: Decision): string {
    if (route !== undefined) return textOfRoute(route, (index) => interfaceName(this.#view, index))
    return rule === undefined ? 'no route' : textOfRule(rule)
  }
}

const BROADCAST = '255.255.255.255'

const NOWHERE: RouteAnswer = {
  kind: 'none',
  output: 0,
  gateway: undefined,
  source: undefined,
  mtu: undefined,
  table: 0,
  route: undefined,
  text: 'no route',
}

/** A group or everybody: such a packet is for whoever listens, and is not looked up when it comes in. */
function arrivingForAll({ destination }: RouteQuestion): RouteAnswer | undefined {
  const kind = kindOfAddress(destination)
  return kind === undefined ? undefined : { ...NOWHERE, kind, text: `${kind} ${destination}` }
}

/** Of IPv4, whose tables do not tell these. */
function kindOfAddress(destination: string): 'broadcast' | 'multicast' | undefined {
  if (destination === BROADCAST) return 'broadcast'
  const first = destination.includes(':') ? 0 : Number(destination.split('.', 1)[0])
  return first >= 224 && first < 240 ? 'multicast' : undefined
}

function chosenSource({ source }: RouteQuestion): string | undefined {
  return source === undefined || isUnspecified(source) ? undefined : source
}

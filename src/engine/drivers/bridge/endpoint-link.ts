/** The pair of interfaces that joins a sandbox to its bridge. */
import {
  addLinkEchoed,
  deleteLink,
  getLinkSummary,
  hasCode,
  type Link,
  linkUpRequest,
  type NamespaceHandle,
  type NetlinkSocket,
  type Request,
  setLinkRequest,
} from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { EndpointRecord } from '../../model.ts'
import { findLink } from './bridge-device.ts'
import { bridgesAreFiltered } from './bridge-netfilter.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { refuse } from './kernel-outcome.ts'
import { aliasOf } from './own-mark.ts'

/** What a pair is to be. */
export interface PairPlan {
  /** Index of the bridge. */
  readonly bridge: number
  readonly mtu: number | undefined
  readonly port: PortSettings
  readonly macAddress: string
  /** Name within the sandbox. */
  readonly interfaceName: string
  readonly sandbox: NamespaceHandle
}

/** Settings of a port of the bridge, 0 or 1. */
export interface PortSettings {
  /** Without ICC: the bridge passes no frames between ports that are isolated, whatever their protocol. */
  readonly isolated: number
  /** Frames may leave by the port that they came in by. */
  readonly hairpin: number
}

/**
 * How the ports of a network are set. Where frames on bridges pass the rules for packets, as Docker and Kubernetes have it, a
 * container that calls itself by a published port is translated while it is still a frame, which then has to go back to where
 * it came from.
 */
export function portSettings(host: NamespaceHandle, { icc }: BridgeSettings): PortSettings {
  return { isolated: icc ? 0 : 1, hairpin: bridgesAreFiltered(host) ? 1 : 0 }
}

/** A host end. */
export interface HostEnd {
  readonly index: number
  readonly name: string
}

/** A host end that has just been made. */
export interface NewHostEnd extends HostEnd {
  /** Number of the inner end in its sandbox, where the kernel tells. */
  readonly inner: number | undefined
}

/**
 * Names that the host end of an endpoint may have, in the order that they are tried: among some 20,000 endpoints two are
 * likely to share their first seven digits.
 */
export function* hostNames(endpointId: string): Generator<string> {
  for (let at = 0; at + 7 <= endpointId.length && at <= 21; at += 7) yield `veth${endpointId.slice(at, at + 7)}`
}

/**
 * Makes the pair: in one request the kernel makes both ends, names them, puts the inner one into the sandbox and the outer one
 * on the bridge. Only when that has worked is the outer one marked, which cannot be done at its creation, and brought up: by
 * its index, since the name could be somebody else's.
 * @throws NetlinkError EEXIST when the sandbox has an interface of that name
 */
export function makePair(socket: NetlinkSocket, endpoint: EndpointRecord, plan: PairPlan): NewHostEnd {
  for (const name of hostNames(endpoint.id)) {
    const made = makeEnds(socket, name, plan)
    if (made === undefined) continue
    const { index } = made
    try {
      refuse(socket.batch([markRequest(index, endpoint, plan), linkUpRequest({ index })]))
    } catch (error) {
      // Without its mark nobody would find it again.
      deleteLink(socket, { index })
      throw error
    }
    return made
  }
  throw new EngineError('kernel-refused', `no name is left for the link of endpoint ${endpoint.name}`, {
    endpoint: endpoint.id,
    network: endpoint.networkId,
  })
}

/** Both ends; undefined when the name of the host end is taken. */
function makeEnds(socket: NetlinkSocket, name: string, plan: PairPlan): NewHostEnd | undefined {
  const wanted = pair(name, plan)
  try {
    const told = addLinkEchoed(socket, wanted)
    if (told === undefined) return { name, index: getLinkSummary(socket, { name }).index, inner: undefined }
    if (told.link !== told.index) return { name, index: told.index, inner: told.link }
    return makeApart(socket, name, wanted, told.index)
  } catch (error) {
    if (hasCode(error, 'EEXIST') && findLink(socket, name) !== undefined) return undefined
    throw error
  }
}

/**
 * Makes a pair again whose ends got the same number, each in its namespace. The kernel takes such an interface for one that
 * stands on nothing else, and is in no hurry to tell it of its carrier: the first second's packets would be lost
 * (linkwatch_urgent_event, net/core/link_watch.c).
 */
function makeApart(socket: NetlinkSocket, name: string, wanted: Partial<Link>, index: number): NewHostEnd {
  deleteLink(socket, { index })
  // The kernel goes on counting: it gives the host end the next number, and the inner end the next of its own, unless both
  // are chosen.
  const { peer } = wanted.info!['veth'] as { readonly peer: Partial<Link> }
  const inner = index + APART
  const info = { kind: 'veth', veth: { peer: { ...peer, index: inner } } }
  addLinkEchoed(socket, { ...wanted, index, info })
  return { name, index, inner }
}

/** Distance between the numbers of two ends: no sandbox has that many interfaces. */
const APART = 100_000

function pair(name: string, plan: PairPlan): Partial<Link> {
  const mtu = plan.mtu === undefined ? {} : { mtu: plan.mtu }
  const peer = { name: plan.interfaceName, address: plan.macAddress, netNsFd: plan.sandbox.fd, ...mtu }
  return { name, ...mtu, master: plan.bridge, info: { kind: 'veth', veth: { peer } } }
}

/** The port has no business with IPv6 of its own: without addresses, it does not probe for duplicates of them either. */
function markRequest(index: number, endpoint: EndpointRecord, plan: PairPlan): Request<Link> {
  return setLinkRequest(
    { index },
    {
      alias: aliasOf(endpoint.id),
      afSpec: { inet6: { addressGeneration: 'none' } },
      info: { slaveKind: 'bridge', bridgePort: plan.port },
    },
  )
}

/** Makes a host end a port of its bridge again, as `makePair` left it. */
export function attachAgain(socket: NetlinkSocket, end: HostEnd, bridge: number, port: PortSettings): void {
  const which = { index: end.index }
  const info = { slaveKind: 'bridge', bridgePort: port }
  refuse(
    socket.batch([setLinkRequest(which, { master: bridge }), setLinkRequest(which, { info }), linkUpRequest(which)]),
  )
}

/** Option of an endpoint with the name that its interface is to have in the sandbox. */
const NAME_OPTION = 'com.docker.network.endpoint.ifname'

/** The interface name that was asked for; undefined when none was. @throws EngineError option-invalid */
export function chosenName(endpoint: EndpointRecord): string | undefined {
  const name = endpoint.options[NAME_OPTION]
  if (name === undefined || name === '') return undefined
  if (/^[\w.@+-]{1,15}$/.test(name) && name !== '.' && name !== '..' && name !== 'lo') return name
  const text = `option ${NAME_OPTION} of endpoint ${endpoint.name} is ${JSON.stringify(name.slice(0, 80))}: it may be 1 to 15 letters, digits and ._@+-, and not lo`
  throw new EngineError('option-invalid', text, { endpoint: endpoint.id, network: endpoint.networkId })
}

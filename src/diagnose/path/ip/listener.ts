/** Whether somebody listens (inet_lookup_listener, __udp4_lib_lookup): the most exact match wins; any match will do here. */
import type { InetSocket, Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { isLoopbackAddress, isUnspecified } from '../addresses.ts'
import { kindOf } from '../links.ts'
import { type Packet, Protocol } from '../packet.ts'
import type { Stop } from '../transit.ts'

/** Why nobody takes a TCP or UDP packet; undefined when somebody does. */
export function listenerStop(place: Place, link: Link, packet: Packet): Stop | undefined {
  const name = packet.protocol === Protocol.tcp ? 'tcp' : packet.protocol === Protocol.udp ? 'udp' : undefined
  if (name === undefined) return undefined
  const listening = place.sockets.filter(
    (socket) => socket.protocol === name && socket.local.port === packet.destinationPort && listens(socket),
  )
  if (listening.some((socket) => takes(socket, link, packet))) return undefined
  const loopback = listening.find((socket) => isLoopbackAddress(socket.local.address))
  if (loopback !== undefined && kindOf(link) !== 'loopback') return onLoopback(place, link, packet, name, loopback)
  const summary = `Nothing in ${place.label} listens on ${name} port ${packet.destinationPort}${listening.length === 0 ? '' : ` at ${packet.destination}`}.`
  const evidence = [
    ...listening.map((socket) => ({
      fact: `a ${name} socket in ${place.label} is bound to ${shown(socket)}`,
      source: 'sock_diag',
    })),
    ...(listening.length > 0
      ? []
      : [{ fact: `no ${name} socket with port ${packet.destinationPort} in ${place.label}`, source: 'sock_diag' }]),
  ]
  return { code: 'port-closed', place, link, summary, evidence, fix: null, refused: true }
}

function onLoopback(place: Place, link: Link, packet: Packet, name: string, socket: InetSocket): Stop {
  const summary = `What listens on ${name} port ${packet.destinationPort} in ${place.label} does so on ${socket.local.address} only, not on ${packet.destination}.`
  const evidence = [{ fact: `a ${name} socket in ${place.label} is bound to ${shown(socket)}`, source: 'sock_diag' }]
  return { code: 'listener-on-loopback', place, link, summary, evidence, fix: null, refused: true }
}

function shown({ local }: InetSocket): string {
  return local.address.includes(':') ? `[${local.address}]:${local.port}` : `${local.address}:${local.port}`
}

/** TCP sockets in LISTEN; UDP sockets that are not connected. */
function listens(socket: InetSocket): boolean {
  return socket.protocol === 'tcp' ? socket.state === 'LISTEN' : socket.remote.port === 0
}

function takes(socket: InetSocket, link: Link, packet: Packet): boolean {
  if (socket.interface !== 0 && socket.interface !== link.index && socket.interface !== link.master) return false
  const { address } = socket.local
  if (socket.family === packet.family) return isUnspecified(address) || address === packet.destination
  // A socket of IPv6 takes IPv4 too, unless it refuses (IPV6_V6ONLY); it sees mapped addresses then.
  if (socket.family === 'ipv4' || socket.v6only === true) return false
  return address === '::' || address === `::ffff:${packet.destination}`
}

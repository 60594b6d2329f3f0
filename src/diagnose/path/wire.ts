/** Who hangs on the same wire as an interface. */
import type { Link } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { kindOf } from './links.ts'

/** An interface in its namespace. */
interface Member {
  readonly place: Place
  readonly link: Link
}

/** Interfaces at the other side of a link: the peer, or the bridge that the peer is a port of and everything behind its ports. */
export function othersOnWire(scene: Scene, place: Place, link: Link): Member[] {
  const peer = farMember(scene, place, link)
  const bridge = kindOf(link) === 'bridge' ? { place, index: link.index } : bridgeOfPort(peer)
  if (bridge === undefined) return peer === undefined ? [] : [peer]
  const device = bridge.place.link(bridge.index)
  const behind = bridge.place.links
    .filter((port) => port.master === bridge.index)
    .flatMap((port) => farMember(scene, bridge.place, port) ?? [])
  const all = [...(device === undefined ? [] : [{ place: bridge.place, link: device }]), ...behind]
  return all.filter((member) => member.place.inode !== place.inode || member.link.index !== link.index)
}

function farMember(scene: Scene, place: Place, link: Link): Member | undefined {
  const far = scene.farEnd(place.inode, link.index)
  const peer = far === undefined || far === 'gone' ? undefined : far.place.link(far.index)
  return far === undefined || far === 'gone' || peer === undefined ? undefined : { place: far.place, link: peer }
}

function bridgeOfPort(port: Member | undefined): { readonly place: Place; readonly index: number } | undefined {
  if (port?.link.info?.slaveKind !== 'bridge' || port.link.master === undefined) return undefined
  return { place: port.place, index: port.link.master }
}

/**
 * Parents: interfaces of the host that were there before, and those that are made because a network needs them: a VLAN on
 * another interface, shared by all networks that name it, and a dummy for a network without a parent. Which VLANs were made,
 * and for whom, is in the store: an interface on it that lives in some sandbox cannot be seen from here.
 */
import {
  deleteLink,
  getLink,
  hasCode,
  type Link,
  linkUpRequest,
  listLinks,
  type NetlinkSocket,
  newLinkRequest,
  setLinkRequest,
} from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'
import type { Store } from '../../store/store.ts'
import { findLink } from '../bridge/bridge-device.ts'
import { refuse } from '../bridge/kernel-outcome.ts'
import { aliasOf, ownerOf } from '../bridge/own-mark.ts'
import { makingKind } from './kernel-refusal.ts'
import { askedParent, vlanOf } from './parent-option.ts'

/** Store's kind of records of VLANs that were made; the id is the interface's name. Shared by all drivers with parents. */
const MADE = 'driver/parent-link'

/** A VLAN interface that was made. */
interface MadeParent {
  /** Ids of the networks that stand on it. */
  readonly networks: readonly string[]
}

/** Parents of the networks of one driver. */
export class ParentDevices {
  readonly #store: Store
  readonly #dummyPrefix: string

  constructor(store: Store, dummyPrefix: string) {
    this.#store = store
    this.#dummyPrefix = dummyPrefix
  }

  /** Name of a network's parent. @throws EngineError option-invalid */
  nameFor(network: NetworkRecord): string {
    return askedParent(network) ?? `${this.#dummyPrefix}-${network.id.slice(0, 12)}`
  }

  /**
   * Brings a network's parent into being if it can be made.
   * @throws EngineError parent-unknown, parent-taken, kernel-lacks
   */
  ensure(socket: NetlinkSocket, network: NetworkRecord): void {
    const name = this.nameFor(network)
    const present = findLink(socket, name)
    if (askedParent(network) === undefined) this.#ensureDummy(socket, network, name, present)
    else if (present === undefined) this.#makeVlan(socket, network, name)
    else if (this.#made(name) !== undefined && ownerOf(present.alias) !== undefined) this.#share(name, network)
  }

  /** Removes a network's parent if it was made, and no other network stands on it. */
  release(socket: NetlinkSocket, network: NetworkRecord): void {
    const name = this.nameFor(network)
    if (askedParent(network) === undefined) {
      this.#remove(socket, name, (link) => ownerOf(link.alias) === network.id)
      return
    }
    const made = this.#made(name)
    if (made === undefined || !made.networks.includes(network.id)) return
    const networks = made.networks.filter((id) => id !== network.id)
    if (networks.length > 0) {
      this.#keep(name, networks)
      return
    }
    this.#remove(socket, name, (link) => link.info?.kind === 'vlan' && ownerOf(link.alias) !== undefined)
    this.#store.transact((change) => change.remove(MADE, name))
  }

  /** Removes dummies with our mark that belong to none of these networks. */
  removeStrays(socket: NetlinkSocket, networks: ReadonlySet<string>): void {
    const pattern = new RegExp(`^${this.#dummyPrefix}-[0-9a-f]{12}$`)
    for (const { index, name = '', alias } of listLinks(socket, { kind: 'dummy', statistics: false })) {
      const owner = ownerOf(alias)
      if (owner !== undefined && pattern.test(name) && !networks.has(owner)) deleteLink(socket, { index })
    }
  }

  #ensureDummy(socket: NetlinkSocket, network: NetworkRecord, name: string, present: Link | undefined): void {
    if (present === undefined) {
      this.#make(socket, network, { name, info: { kind: 'dummy' } })
    } else if (ownerOf(present.alias) !== network.id) {
      throw new EngineError('parent-taken', `the name ${name} is taken on this host by another interface`, {
        network: network.id,
      })
    }
  }

  #makeVlan(socket: NetlinkSocket, network: NetworkRecord, name: string): void {
    const vlan = vlanOf(name)
    const base = vlan === undefined ? undefined : findLink(socket, vlan.base)
    if (vlan === undefined || base === undefined) {
      const missing = vlan === undefined ? `parent ${name}` : `interface ${vlan.base} for the parent ${name}`
      throw new EngineError('parent-unknown', `network ${network.name} needs the ${missing}, which this host lacks`, {
        network: network.id,
      })
    }
    this.#share(name, network)
    this.#make(socket, network, { name, link: base.index, info: { kind: 'vlan', vlan: { id: vlan.id } } })
  }

  /** Makes, marks and raises an interface with one datagram, which the kernel works off whatever becomes of us. */
  #make(socket: NetlinkSocket, network: NetworkRecord, link: Partial<Link> & { readonly name: string }): void {
    const which = { name: link.name }
    const outcomes = socket.batch([
      newLinkRequest(link),
      setLinkRequest(which, { alias: aliasOf(network.id), afSpec: { inet6: { addressGeneration: 'none' } } }),
      linkUpRequest(which),
    ])
    try {
      makingKind(link.info?.kind ?? '', network, () => refuse(outcomes))
    } catch (error) {
      this.release(socket, network)
      // A VLAN stands still while what carries it is down (vlan_dev_open, net/8021q/vlan_dev.c).
      if (!hasCode(error, 'ENETDOWN')) throw error
      const base = vlanOf(link.name)?.base
      const text = `the parent ${link.name} of network ${network.name} cannot work while ${base} is down: ip link set ${base} up`
      throw new EngineError('parent-unknown', text, { network: network.id, cause: error })
    }
  }

  #share(name: string, network: NetworkRecord): void {
    const networks = this.#made(name)?.networks ?? []
    if (!networks.includes(network.id)) this.#keep(name, [...networks, network.id])
  }

  #keep(name: string, networks: readonly string[]): void {
    this.#store.transact((change) => change.put<MadeParent>(MADE, name, { networks }))
  }

  #made(name: string): MadeParent | undefined {
    return this.#store.get<MadeParent>(MADE, name)
  }

  #remove(socket: NetlinkSocket, name: string, ours: (link: Link) => boolean): void {
    const link = findLink(socket, name)
    if (link === undefined || !ours(link)) return
    try {
      deleteLink(socket, { index: link.index })
    } catch (error) {
      if (!hasCode(error, 'ENODEV')) throw error
    }
  }
}

/** Index of a parent. @throws EngineError parent-unknown when it is gone */
export function parentLink(socket: NetlinkSocket, network: NetworkRecord, name: string): Link {
  try {
    return getLink(socket, { name })
  } catch (error) {
    if (!hasCode(error, 'ENODEV')) throw error
    throw new EngineError('parent-unknown', `the parent ${name} of network ${network.name} is gone`, {
      network: network.id,
      cause: error,
    })
  }
}

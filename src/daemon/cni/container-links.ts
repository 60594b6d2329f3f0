/** What is in a container's namespace, and the few things that CNI puts there beside what the engine does. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AddressFamily,
  getLink,
  hasCode,
  type Link,
  LinkFlag,
  listAddresses,
  listRoutes,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  newRouteRequest,
  ownAddress,
} from '../../kernel/index.ts'
import { CniCode, CniError } from './cni-error.ts'
import type { CniRoute } from './configuration.ts'

/** Protocol number of the engine's routes. */
const ROUTE_PROTOCOL = 90
/** Index of `lo` in every namespace; IPv6 has unreachable routes on it. */
const LOOPBACK = 1
/** How long a deleted interface may take to be gone: deletions are gathered for some 20 ms. */
const DELETION_MILLISECONDS = 1_000

/** Links, addresses and routes of one namespace. Close it. */
export class ContainerLinks {
  readonly #socket: NetlinkSocket

  constructor(namespace: NamespaceHandle) {
    this.#socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  }

  /** The interface of a name; undefined when there is none. */
  find(name: string): Link | undefined {
    try {
      return getLink(this.#socket, { name })
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return undefined
      throw error
    }
  }

  /** Addresses of an interface, with prefix lengths. */
  addressesOf({ index }: Link): string[] {
    return listAddresses(this.#socket, { index }).map((address) => `${ownAddress(address)}/${address.prefixLength}`)
  }

  /** True when there is a default route of a family. */
  hasDefaultRoute(family: 4 | 6): boolean {
    const routes = listRoutes(this.#socket, { family: family === 4 ? AddressFamily.inet : AddressFamily.inet6 })
    return routes.some((route) => route.destinationLength === 0 && route.outputInterface !== LOOPBACK)
  }

  /** Adds routes through an interface. @throws CniError 7 when the kernel refuses one */
  addRoutes({ index }: Link, routes: readonly Required<CniRoute>[]): void {
    for (const { dst, gw } of routes) {
      const spec = { prefix: dst, gateway: gw, outputInterface: index, protocol: ROUTE_PROTOCOL }
      try {
        this.#socket.request(newRouteRequest(spec, { replace: true }))
      } catch (error) {
        throw new CniError(
          CniCode.invalidConfiguration,
          `the route to ${dst} by ${gw} cannot be set`,
          (error as Error).message,
        )
      }
    }
  }

  /** Waits until an interface is gone. */
  async untilGone(name: string): Promise<void> {
    const end = Date.now() + DELETION_MILLISECONDS
    while (this.find(name) !== undefined && Date.now() < end) await sleep(2)
  }

  close(): void {
    this.#socket.close()
  }
}

/** True when an interface is up. */
export function isUp(link: Link): boolean {
  return (link.flags & LinkFlag.up) !== 0
}

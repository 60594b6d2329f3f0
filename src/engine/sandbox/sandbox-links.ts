/** The interfaces, addresses and routes within one sandbox. Requests are gathered and sent together. */
import {
  AddressFlag,
  type AnyRequest,
  deleteRouteRequest,
  getLink,
  hasCode,
  interfaceSysctl,
  LinkFlag,
  linkUpRequest,
  listLinkSummaries,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  newAddressRequest,
  newRouteRequest,
  RouteScope,
  setLinkRequest,
  writeSysctl,
} from '../../kernel/index.ts'
import type { EndpointRecord, JoinRecord } from '../model.ts'

/** Route protocol number of the routes that Netwright makes (`ip route` shows it as `proto 90`). */
const ROUTE_PROTOCOL = 90

/** What is done to the links of one sandbox. Close it. */
export class SandboxLinks {
  readonly #namespace: NamespaceHandle
  readonly #host: NamespaceHandle
  #socket: NetlinkSocket | undefined
  #requests: AnyRequest[] = []
  readonly #indexes = new Map<string, number>()

  constructor(namespace: NamespaceHandle, host: NamespaceHandle) {
    this.#namespace = namespace
    this.#host = host
  }

  /** A name with this prefix and a number that no interface in the sandbox has, nor one of `others`. */
  freeName(prefix: string, others: readonly string[]): string {
    const taken = new Set([...listLinkSummaries(this.#open()).map((link) => link.name), ...others])
    for (let number = 0; ; number++) {
      const name = `${prefix}${number}`
      if (!taken.has(name)) return name
    }
  }

  /** Moves an interface of the host in, under its final name. @throws NetlinkError ENODEV, EEXIST */
  moveIn(source: string, name: string): void {
    const socket = NetlinkSocket.open(NetlinkProtocol.route, this.#host)
    try {
      const { index } = getLink(socket, { name: source })
      socket.request(setLinkRequest({ index }, { name, netNsFd: this.#namespace.fd }))
    } finally {
      socket.close()
    }
  }

  /** Moves an interface back to the host, under the name that it had there; one that is gone already stays gone. */
  moveOut(name: string, source: string): void {
    try {
      const socket = this.#open()
      const { index } = getLink(socket, { name })
      socket.request(linkUpRequest({ index }, false))
      socket.request(setLinkRequest({ index }, { name: source, netNsFd: this.#host.fd }))
    } catch (error) {
      if (!hasCode(error, 'ENODEV')) throw error
    }
  }

  /** Tells the number of an interface, which then need not be asked for. */
  know(name: string, index: number): void {
    this.#indexes.set(name, index)
  }

  /** Gives a joined interface its addresses, brings it up and adds its routes; `apply` sends it. */
  configure(endpoint: EndpointRecord, join: JoinRecord, options: { readonly ipv6OffByDefault: boolean }): void {
    const name = join.interfaceName
    const addresses = [...endpoint.addresses, ...endpoint.linkLocalAddresses]
    this.#switchIPv6(name, addresses.some(isIPv6), options.ipv6OffByDefault)
    const index = this.#index(name)
    if (join.source !== undefined && endpoint.macAddress !== null) {
      this.#requests.push(setLinkRequest({ index }, { address: endpoint.macAddress }))
    }
    for (const prefix of addresses) {
      // Nobody else has an address that the allocator gave, and waiting for that to be proved takes a second (RFC 4862).
      const flags = isIPv6(prefix) ? { flags: AddressFlag.noDad } : {}
      this.#requests.push(newAddressRequest({ index, prefix, ...flags }, { replace: true }))
    }
    this.#requests.push(linkUpRequest({ index }))
    for (const { destination, nextHop } of join.routes) {
      const way =
        nextHop === undefined
          ? { scope: isIPv6(destination) ? RouteScope.universe : RouteScope.link }
          : { gateway: nextHop }
      this.#requests.push(
        newRouteRequest(
          { prefix: destination, outputInterface: index, protocol: ROUTE_PROTOCOL, ...way },
          { replace: true },
        ),
      )
    }
  }

  /** Makes an interface and a gateway the default route of a family; `apply` sends it. */
  setDefaultRoute(family: 'ipv4' | 'ipv6', name: string, gateway: string): void {
    const index = this.#index(name)
    const spec = { prefix: defaultPrefix(family), gateway, outputInterface: index, protocol: ROUTE_PROTOCOL }
    this.#requests.push(newRouteRequest(spec, { replace: true }))
  }

  /** Takes our default route of a family away, if there is one; nothing else has to be sent with it. */
  removeDefaultRoute(family: 'ipv4' | 'ipv6'): void {
    this.apply()
    try {
      this.#open().request(deleteRouteRequest({ prefix: defaultPrefix(family), protocol: ROUTE_PROTOCOL }))
    } catch (error) {
      // The interface took the route with it; or there is no IPv6 here.
      if (!hasCode(error, 'ESRCH', 'ENODEV', 'EAFNOSUPPORT', 'EOPNOTSUPP')) throw error
    }
  }

  /** Brings the loopback interface up. */
  loopbackUp(): void {
    this.#requests.push(linkUpRequest({ index: LOOPBACK }))
    this.apply()
  }

  /** Counters of the interfaces, by name. */
  statistics(): Record<string, InterfaceStatistics> {
    return Object.fromEntries(
      listLinkSummaries(this.#open())
        .filter((link) => (link.flags & LinkFlag.loopback) === 0)
        .map((link) => [link.name ?? '', this.#statisticsOf(link.index)]),
    )
  }

  /** Sends what was gathered. @throws NetlinkError the first refusal */
  apply(): void {
    const requests = this.#requests
    this.#requests = []
    if (requests.length === 0) return
    for (const outcome of this.#open().batch(requests)) if (!outcome.ok) throw outcome.error
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  #statisticsOf(index: number): InterfaceStatistics {
    const { statistics = {} } = getLink(this.#open(), { index })
    const { rxBytes = 0n, rxPackets = 0n, rxErrors = 0n, rxDropped = 0n } = statistics
    const { txBytes = 0n, txPackets = 0n, txErrors = 0n, txDropped = 0n } = statistics
    return { rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }
  }

  /** An interface without an IPv6 address shall speak no IPv6 at all, also not by what routers tell it. */
  #switchIPv6(name: string, on: boolean, offByDefault: boolean): void {
    if (!on && offByDefault) return
    try {
      writeSysctl(this.#namespace, interfaceSysctl('ipv6', name, 'disable_ipv6'), on ? 0 : 1)
    } catch (error) {
      // A kernel without IPv6, which is as well when none is wanted; /proc/sys may be read-only in an adopted namespace.
      if (on || !hasCode(error, 'ENOENT', 'EROFS')) throw error
    }
  }

  #index(name: string): number {
    const known = this.#indexes.get(name)
    if (known !== undefined) return known
    const { index } = getLink(this.#open(), { name })
    this.#indexes.set(name, index)
    return index
  }

  #open(): NetlinkSocket {
    this.#socket ??= NetlinkSocket.open(NetlinkProtocol.route, this.#namespace)
    return this.#socket
  }
}

/** Counters of one interface since it was made. */
export interface InterfaceStatistics {
  readonly rxBytes: bigint
  readonly rxPackets: bigint
  readonly rxErrors: bigint
  readonly rxDropped: bigint
  readonly txBytes: bigint
  readonly txPackets: bigint
  readonly txErrors: bigint
  readonly txDropped: bigint
}

/** Index of `lo`, the same in every namespace (loopback_net_init in drivers/net/loopback.c). */
const LOOPBACK = 1

function defaultPrefix(family: 'ipv4' | 'ipv6'): string {
  return family === 'ipv4' ? '0.0.0.0/0' : '::/0'
}

function isIPv6(text: string): boolean {
  return text.includes(':')
}

/** All that has to do with names in one sandbox: what it may look up, its resolver, its files. */
import { listInetSockets, Namespace, type NamespaceHandle, NetlinkProtocol, NetlinkSocket } from '../../kernel/index.ts'
import type { SandboxRecord } from '../model.ts'
import type { Membership } from '../name-service.ts'
import { Forwarder } from './forwarder.ts'
import type { HostResolvConf } from './host-resolv-conf.ts'
import { ownLines } from './hosts-file.ts'
import type { NetworkNames } from './network-names.ts'
import { RESOLVER_ADDRESS } from './protocol.ts'
import { removeRedirect } from './redirect.ts'
import {
  forInternalResolver,
  forLegacyNetwork,
  formatResolvConf,
  ndots,
  overrideResolvConf,
  type SandboxResolvConf,
} from './resolv-conf.ts'
import { Resolver } from './resolver.ts'
import { Responder } from './responder.ts'
import { SandboxFiles } from './sandbox-files.ts'
import type { Upstream } from './upstream.ts'
import { Zone } from './zone.ts'

/** What a sandbox's names need of the host. */
export interface HostSide {
  readonly namespace: NamespaceHandle
  readonly resolvConf: HostResolvConf
  /** Told what a person may want to know, as one sentence. */
  readonly notice: (sentence: string) => void
}

/** Names in one sandbox. */
export class SandboxNames {
  readonly #sandbox: SandboxRecord
  readonly #host: HostSide
  /** Our own descriptor: servers of the sandbox's own are asked from it. */
  readonly #namespace: Namespace
  readonly #files: SandboxFiles
  readonly #zone = new Zone()
  /** By endpoint id, in the order of joining. */
  readonly #memberships = new Map<string, { readonly membership: Membership; readonly names: NetworkNames }>()
  #resolver: Resolver | undefined

  /** @throws KernelError when there are no descriptors left */
  constructor(sandbox: SandboxRecord, namespace: NamespaceHandle, host: HostSide) {
    this.#sandbox = sandbox
    this.#host = host
    this.#namespace = Namespace.open({ fd: namespace.fd })
    this.#files = new SandboxFiles(sandbox.files)
  }

  /** The endpoints that it has joined with. */
  get memberships(): readonly Membership[] {
    return [...this.#memberships.values()].map(({ membership }) => membership)
  }

  /** Begins to answer, and writes the files. @throws EngineError option-invalid for hosts that cannot be written */
  open(): void {
    this.#files.addHosts(this.#sandbox.extraHosts.map(({ name, address }) => ({ address, hosts: name })))
    this.#resolver = this.#openResolver()
    this.#writeResolvConf()
  }

  /** May look up the names of a network from now on. @throws EngineError option-invalid */
  join(membership: Membership, names: NetworkNames): void {
    this.#memberships.set(membership.endpoint.id, { membership, names })
    this.#orderNetworks()
    this.#files.addHosts(this.#linesOf(membership))
    if (this.#resolver === undefined) this.#writeResolvConf()
  }

  /** No longer may, unless another endpoint is in the same network. */
  leave(endpointId: string): void {
    const left = this.#memberships.get(endpointId)
    if (left === undefined) return
    this.#memberships.delete(endpointId)
    this.#orderNetworks()
    this.#files.removeHosts(this.#linesOf(left.membership))
    if (this.#resolver === undefined) this.#writeResolvConf()
  }

  /** Ends the resolver. With `forGood`, also takes its rules out of a namespace that others live on in. */
  close(options: { readonly forGood: boolean }): void {
    const served = this.#resolver !== undefined
    this.#resolver?.close()
    this.#resolver = undefined
    if (served && options.forGood && this.#sandbox.origin !== 'created') {
      try {
        removeRedirect(this.#namespace)
      } catch (error) {
        this.#tell('the rules of its resolver could not be removed', error)
      }
    }
    this.#namespace.close()
  }

  /** Networks of all hosts go before those of this one; within each, those joined first. */
  #orderNetworks(): void {
    const joined = [...this.#memberships.values()]
    const global = joined.filter(({ membership }) => membership.network.scope === 'global')
    this.#zone.networks = [...new Set([...global, ...joined].map(({ names }) => names))]
  }

  /** Anonymous endpoints, those of gateway networks among them, are not what the sandbox's host name stands for. */
  #linesOf({ endpoint }: Membership): ReturnType<typeof ownLines> {
    if (endpoint.anonymous) return []
    return ownLines(endpoint.addresses, this.#sandbox.hostname, this.#sandbox.domainname)
  }

  /** Undefined where no resolver of ours belongs, or none can be had: names of other sandboxes are unknown there. */
  #openResolver(): Resolver | undefined {
    if (this.#sandbox.origin === 'host') return undefined
    try {
      if (this.#sandbox.origin !== 'created' && hasResolver(this.#namespace)) {
        this.#tell(`a resolver of its own listens on ${RESOLVER_ADDRESS}, which is left alone`)
        return undefined
      }
      const options = this.#ownResolvConf().options
      const policy = { searchFirst: (ndots(options) ?? 0) > 0 }
      const responder = new Responder(this.#zone, policy)
      const forwarder = new Forwarder(() => this.#upstreams())
      return new Resolver({ namespace: this.#namespace, responder, forwarder })
    } catch (error) {
      this.#tell('it has no resolver', error)
      return undefined
    }
  }

  #ownResolvConf(): SandboxResolvConf {
    return overrideResolvConf(this.#host.resolvConf.read(), this.#sandbox.dns)
  }

  #forResolver(): SandboxResolvConf {
    return forInternalResolver(this.#ownResolvConf(), RESOLVER_ADDRESS, ['ndots:0'])
  }

  /**
   * The servers that may be asked. The host's own only while the sandbox itself has a way out: from an internal network,
   * data would get out in names (CVE-2024-29018).
   */
  #upstreams(): Upstream[] {
    const reachesOut = this.memberships.some(({ network }) => !network.internal && network.driver !== 'null')
    return this.#forResolver()
      .external.filter(({ host }) => reachesOut || !host)
      .map(({ address, host }) => ({ address, from: host ? this.#host.namespace : this.#namespace }))
  }

  #writeResolvConf(): void {
    const { path, conf } = this.#fileContent()
    if (!this.#files.writeResolvConf(formatResolvConf(conf, path))) {
      this.#tell('its resolv.conf was edited, and is left as it is')
    }
  }

  #fileContent(): { path: string; conf: SandboxResolvConf } {
    const { path } = this.#host.resolvConf
    if (this.#resolver !== undefined) return { path, conf: this.#forResolver() }
    if (this.#sandbox.origin === 'host') return { path, conf: this.#ownResolvConf() }
    const reachable = this.#host.resolvConf.readForContainers()
    const ipv6 = this.memberships.some(({ endpoint }) => endpoint.addresses.some((address) => address.includes(':')))
    return {
      path: reachable.path,
      conf: forLegacyNetwork(overrideResolvConf(reachable.conf, this.#sandbox.dns), { ipv6 }),
    }
  }

  #tell(what: string, error?: unknown): void {
    const reason = error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`
    this.#host.notice(`sandbox ${this.#sandbox.id.slice(0, 12)}: ${what}${reason}`)
  }
}

/** Whether something listens on the resolver's address already: a container of Docker's has Docker's resolver there. */
function hasResolver(namespace: NamespaceHandle): boolean {
  const socket = NetlinkSocket.open(NetlinkProtocol.sockDiag, namespace)
  try {
    return (['udp', 'tcp'] as const).some((protocol) =>
      listInetSockets(socket, { family: 'ipv4', protocol, states: ['LISTEN', 'UNCONN'] }).some(
        ({ local }) => local.address === RESOLVER_ADDRESS,
      ),
    )
  } finally {
    socket.close()
  }
}

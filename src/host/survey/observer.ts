/**
 * A private namespace from which all others are read. Ids of namespaces are private to the namespace that gives them
 * (ip-netns(8)), and they stay for good; numbering a thousand namespaces from a namespace of our own leaves no trace in any
 * of the host's. From there one socket reads links and addresses of every namespace that has an id (IFLA_TARGET_NETNSID,
 * Linux 5.0), without entering any, and the kernel tells far ends by the observer's ids. What is more, it gives an id to a
 * far end that has none yet (peernet2id_alloc in rtnl_fill_link_netnsid, net/core/rtnetlink.c), so that namespaces which no
 * process, mount or descriptor shows come to light.
 */
import {
  type AddressSummary,
  assignNsidRequest,
  getLinkSummary,
  type LinkSummary,
  listAddressSummaries,
  listLinkSummaries,
  listNsids,
  Namespace,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  nsidOf,
  translateNsid,
} from '../../kernel/index.ts'

/** Id that the observer has for a namespace. */
export type ObserverId = number

/** Links and addresses of one namespace. */
export interface NamespaceTables {
  readonly links: readonly LinkSummary[]
  readonly addresses: readonly AddressSummary[]
}

/**
 * Where the ids that are asked for begin. The kernel gives far ends the lowest id that is free, so that it never takes one of
 * these, and one of these never means another namespace later.
 */
const FIRST_OWN_ID = 1 << 20

/** Index of the loopback, which every namespace has for as long as it lives (net/core/net_namespace.c). */
const LOOPBACK_INDEX = 1

/** An open observer. Close it: it is a namespace. */
export class Observer {
  readonly namespace: Namespace
  readonly socket: NetlinkSocket
  #next = FIRST_OWN_ID

  private constructor(namespace: Namespace) {
    this.namespace = namespace
    this.socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  }

  /** @throws KernelError EPERM without CAP_SYS_ADMIN */
  static open(): Observer {
    const namespace = Namespace.create('the observer namespace')
    try {
      return new Observer(namespace)
    } catch (error) {
      namespace.close()
      throw error
    }
  }

  /**
   * Gives ids to namespaces, by descriptors that may be closed afterwards: an id does not keep a namespace alive. One that
   * has an id keeps it.
   * @returns ids in the order of the descriptors; undefined for a descriptor that is of no network namespace
   */
  number(descriptors: readonly number[]): (ObserverId | undefined)[] {
    const wanted = descriptors.map(() => this.#next++)
    const outcomes = this.socket.batch(descriptors.map((fd, i) => assignNsidRequest({ fd }, wanted[i]!)))
    return descriptors.map((fd, i) => (outcomes[i]?.ok === true ? wanted[i] : this.idOf(fd)))
  }

  /** The id that a namespace has already; undefined when it has none. */
  idOf(fd: number): ObserverId | undefined {
    return unlessGone(() => nsidOf(this.socket, { fd }))
  }

  /** Reads one namespace; undefined when it is gone. */
  read(id: ObserverId): NamespaceTables | undefined {
    return unlessGone(() => ({
      links: listLinkSummaries(this.socket, { targetNetnsid: id }),
      addresses: listAddressSummaries(this.socket, { targetNetnsid: id }),
    }))
  }

  /** True while the namespace that has this id lives. */
  isAlive(id: ObserverId): boolean {
    return this.readLink(id, LOOPBACK_INDEX) !== undefined
  }

  /** One interface of a namespace; undefined when either is gone. */
  readLink(id: ObserverId, index: number): LinkSummary | undefined {
    return unlessGone(() => getLinkSummary(this.socket, { index, targetNetnsid: id }))
  }

  /** The id by which the namespace `target` knows the namespace `id`; undefined when it has none for it. */
  translate(id: ObserverId, target: ObserverId): ObserverId | undefined {
    return unlessGone(() => translateNsid(this.socket, id, target))
  }

  /**
   * Ids that the namespace `of` has for others: by the observer's ids, and how many it has for namespaces that the observer
   * has no id for.
   */
  idsWithin(of: ObserverId): { readonly known: ReadonlyMap<ObserverId, number>; readonly others: number } {
    const known = new Map<ObserverId, number>()
    let others = 0
    for (const { nsid, currentNsid } of listNsids(this.socket, { target: of })) {
      if (currentNsid !== undefined && currentNsid >= 0) known.set(currentNsid, nsid)
      else others++
    }
    return { known, others }
  }

  close(): void {
    this.socket.close()
    this.namespace.close()
  }
}

/** What `read` returns, or undefined when the kernel says that the namespace or interface is no longer there. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof NetlinkError) return undefined
    throw error
  }
}

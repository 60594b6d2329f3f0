/** One namespace whose counters are read again and again. */
import {
  type Connection,
  hasCode,
  type InetSocket,
  type Link,
  listConnections,
  listInetSockets,
  listLinks,
  type Namespace,
  NetlinkProtocol,
  NetlinkSocket,
  type ResourceUse,
  resourceUseOf,
} from '../../kernel/index.ts'

/** A namespace to watch. */
export interface TopPlace {
  readonly namespace: Namespace
  readonly label: string
  readonly inode: string
  /** A process whose control group stands for the namespace; undefined for the host and for namespaces without processes. */
  readonly pid: number | undefined
}

/** Counters of a moment. */
export interface PlaceCounters {
  readonly links: readonly Link[]
  readonly sockets: readonly InetSocket[]
  readonly tracked: readonly Connection[]
  readonly use: ResourceUse | undefined
}

const UDP = 17

/** Reads the counters of a namespace. Close it. */
export class WatchedPlace {
  readonly place: TopPlace
  readonly #sockets: readonly NetlinkSocket[]
  #tracks = true

  constructor(place: TopPlace) {
    this.place = place
    const opened: NetlinkSocket[] = []
    try {
      for (const protocol of [NetlinkProtocol.route, NetlinkProtocol.sockDiag, NetlinkProtocol.netfilter]) {
        opened.push(NetlinkSocket.open(protocol, place.namespace))
      }
    } catch (error) {
      for (const socket of opened) socket.close()
      throw error
    }
    this.#sockets = opened
  }

  read(): PlaceCounters {
    const families = ['ipv4', 'ipv6'] as const
    const [route, diag] = this.#sockets
    return {
      links: listLinks(route!, { statistics: false }),
      sockets: families.flatMap((family) =>
        listInetSockets(diag!, {
          family,
          protocol: 'tcp',
          states: ['ESTAB', 'CLOSE-WAIT', 'FIN-WAIT-1', 'FIN-WAIT-2'],
          details: true,
        }),
      ),
      tracked: this.#readTracked(),
      use: this.place.pid === undefined ? undefined : resourceUseOf(this.place.pid),
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
    this.place.namespace.close()
  }

  /** Flows of UDP: sockets do not count bytes, tracked connections may (net.netfilter.nf_conntrack_acct). */
  #readTracked(): readonly Connection[] {
    if (!this.#tracks) return []
    try {
      const found = listConnections(this.#sockets[2]!, { protocol: UDP })
      return found.filter(({ counters }) => counters.original !== undefined)
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'EINVAL', 'EOPNOTSUPP', 'ENOENT', 'EPROTONOSUPPORT')) throw error
      this.#tracks = false
      return []
    }
  }
}

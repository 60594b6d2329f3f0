/** One place to capture at: a ring in a namespace, and the interfaces that its packets come by. */
import {
  CaptureRing,
  compileFilter,
  compileFilterForAnyLink,
  FilterLink,
  getLink,
  hasCode,
  type Link,
  listLinks,
  type Namespace,
  NetlinkProtocol,
  NetlinkSocket,
} from '../../kernel/index.ts'
import { LinkType, linkTypeOf } from './link-type.ts'

/** Where to capture. */
export interface CapturePlace {
  readonly namespace: Namespace
  /** What people call the namespace: `docker:web`. */
  readonly label: string
  /** Interface name; every interface of the namespace, also those that come later, when left out. */
  readonly interface?: string
}

/** How to capture there. */
export interface CapturePointOptions extends CapturePlace {
  /** In tcpdump's language (pcap-filter(7)). */
  readonly filter?: string
  /** Bytes kept of each packet. */
  readonly snapLength?: number
  /** Memory of the ring, in bytes. */
  readonly ringBytes?: number
  /** Take in frames for others too; needs `interface`. */
  readonly promiscuous?: boolean
}

/** An interface that packets were seen on. */
export interface CapturedInterface {
  /** Number among all interfaces of the capture, in the order in which they were first seen. */
  readonly number: number
  /** `docker:web/eth0` */
  readonly title: string
  readonly name: string
  readonly namespace: string
  readonly index: number
  readonly linkType: number
  readonly mac: string | undefined
  /** `veth, MTU 1500, namespace 4026532373` */
  readonly description: string
  /** Packets taken from it. */
  packets: number
}

const BLOCK_BYTES = 256 * 1024
const DEFAULT_RING_BYTES = 16 * 1024 * 1024

/** An open place. Close it. */
export class CapturePoint {
  readonly place: CapturePlace
  readonly ring: CaptureRing
  readonly #socket: NetlinkSocket
  readonly #interfaces = new Map<number, CapturedInterface>()
  /** The interface that was asked for last: packets of one come together. */
  #last: CapturedInterface | undefined
  readonly #add: (it: Omit<CapturedInterface, 'number'>) => CapturedInterface

  /**
   * Opens a ring there.
   * @param add gives an interface that was not seen before its number
   * @throws KernelError ENODEV without such an interface, EPERM; PcapMissingError, FilterExpressionError for the filter
   */
  constructor(options: CapturePointOptions, add: (it: Omit<CapturedInterface, 'number'>) => CapturedInterface) {
    this.place = options
    this.#add = add
    this.#socket = NetlinkSocket.open(NetlinkProtocol.route, options.namespace)
    try {
      const link =
        options.interface === undefined ? undefined : linkCalled(this.#socket, options.interface, options.label)
      const filter = options.filter === undefined ? undefined : programFor(options.filter, link)
      this.ring = CaptureRing.open({
        namespace: options.namespace,
        blockSize: BLOCK_BYTES,
        blocks: Math.max(2, Math.ceil((options.ringBytes ?? DEFAULT_RING_BYTES) / BLOCK_BYTES)),
        ...(link === undefined ? {} : { interface: link.index, promiscuous: options.promiscuous ?? false }),
        ...(options.snapLength === undefined ? {} : { snapLength: options.snapLength }),
        ...(filter === undefined ? {} : { filter }),
      })
      // A file names the interface that was asked for, also when nothing passes it.
      if (link !== undefined) this.#see(link.index, link.type, link)
    } catch (error) {
      this.#socket.close()
      throw error
    }
  }

  /** The interface with this index, which becomes known with its first packet. */
  interfaceOf(index: number, hardwareType: number): CapturedInterface {
    if (this.#last?.index === index) return this.#last
    this.#last = this.#interfaces.get(index) ?? this.#see(index, hardwareType, this.#linkOf(index))
    return this.#last
  }

  /** Interfaces of this place, as they were seen. */
  get interfaces(): readonly CapturedInterface[] {
    return [...this.#interfaces.values()]
  }

  close(): void {
    this.ring.close()
    this.#socket.close()
  }

  #see(index: number, hardwareType: number, link: Link | undefined): CapturedInterface {
    const { label, namespace } = this.place
    const name = link?.name ?? `#${index}`
    const kind = link?.info?.kind ?? (name === 'lo' ? 'loopback' : 'device')
    const about = link === undefined ? 'gone meanwhile' : `${kind}, MTU ${link.mtu ?? 'unknown'}`
    const linkType = linkTypeOf(hardwareType)
    const seen = this.#add({
      title: `${label}/${name}`,
      name,
      namespace: label,
      index,
      linkType,
      mac: linkType === LinkType.ethernet ? link?.address : undefined,
      description: `${name} in ${label}: ${about}, namespace inode ${namespace.identity.inode}`,
      packets: 0,
    })
    this.#interfaces.set(index, seen)
    return seen
  }

  #linkOf(index: number): Link | undefined {
    try {
      return getLink(this.#socket, { index })
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return undefined
      throw error
    }
  }
}

/** An interface was asked for that a namespace does not have. */
export class InterfaceMissingError extends Error {
  override readonly name = 'InterfaceMissingError'
  readonly code = 'ENODEV'

  constructor(name: string, label: string, there: readonly string[]) {
    super(`there is no interface ${name} in ${label}; it has ${there.length === 0 ? 'none' : there.join(', ')}`)
  }
}

/** Interfaces that a sentence bears. */
const MOST_NAMED = 12

function linkCalled(socket: NetlinkSocket, name: string, label: string): Link {
  try {
    return getLink(socket, { name })
  } catch (error) {
    // A name that is too long is refused before it is looked for.
    if (!hasCode(error, 'ENODEV', 'EINVAL', 'ERANGE')) throw error
    const there = listLinks(socket, { statistics: false }).map((link) => link.name ?? `#${link.index}`)
    const more = there.length > MOST_NAMED ? [`${there.length - MOST_NAMED} more`] : []
    throw new InterfaceMissingError(name, label, [...there.slice(0, MOST_NAMED), ...more])
  }
}

function programFor(expression: string, link: Link | undefined): Buffer {
  if (link === undefined) return compileFilterForAnyLink(expression)
  const isEthernet = linkTypeOf(link.type) === LinkType.ethernet
  return compileFilter(expression, isEthernet ? FilterLink.ethernet : FilterLink.rawIp)
}

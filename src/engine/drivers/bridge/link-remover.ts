/**
 * Links that are taken out of service at once and deleted a little later, together. The kernel waits about 15 ms for all
 * processors to let go of one veth, and hardly longer for a hundred when they are deleted as a group.
 */
import {
  deleteLink,
  hasCode,
  type LinkReference,
  linkUpRequest,
  listLinks,
  type NetlinkSocket,
  setLinkRequest,
} from '../../../kernel/index.ts'
import { refuse } from './kernel-outcome.ts'
import { ownerOf, RETIRED_GROUP } from './own-mark.ts'

/** Milliseconds that a retired link waits for company. */
const PATIENCE = 20

/** Who is told of deletions. */
export interface RemovalListener {
  /** Links were deleted. */
  removed(): void
  /** Nobody waited for this deletion, which failed: a sentence for the host's owner. */
  failed(sentence: string): void
}

/** Deletes links of the host's namespace by group. */
export class LinkRemover {
  readonly #socket: NetlinkSocket
  readonly #retired = new Set<string>()
  readonly #listener: RemovalListener
  #group = RETIRED_GROUP
  #pending = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: NetlinkSocket, listener: RemovalListener) {
    this.#socket = socket
    this.#listener = listener
  }

  /** Chooses a group that holds no link of others, since the whole group is what gets deleted. */
  settle(): void {
    const groups = new Set<number>()
    for (const link of listLinks(this.#socket, { statistics: false })) {
      if (ownerOf(link.alias) === undefined && link.group !== undefined) groups.add(link.group)
    }
    while (groups.has(this.#group)) this.#group++
  }

  /**
   * Takes a link out of service and marks it for deletion. Nothing happens when it is gone already.
   *
   * A port is put out of service by disabling it on its bridge: that takes a tenth of the time of taking the link down, which
   * the kernel does for all of them at the deletion. A link that has just come up may be enabled again by the news of its
   * carrier (br_port_carrier_check), and then serves until the deletion.
   * @param holders what waits for the deletion, for `holds`
   */
  retire(which: LinkReference, ...holders: string[]): void {
    const disabled = { slaveKind: 'bridge', bridgePort: { state: 'disabled' } } as const
    const [grouped, stopped] = this.#socket.batch([
      setLinkRequest(which, { group: this.#group }),
      setLinkRequest(which, { info: disabled }),
    ])
    if (grouped?.ok === false) {
      if (grouped.error.code === 'ENODEV') return
      throw grouped.error
    }
    // No port (any more), or one of a bridge whose spanning tree decides about its state.
    if (stopped?.ok === false) refuse(this.#socket.batch([linkUpRequest(which, false)]), 'ENODEV')
    for (const holder of holders) this.#retired.add(holder)
    this.#pending = true
    this.#timer ??= setTimeout(() => this.#flushLater(), PATIENCE)
  }

  /** True while a link that was retired for `holder` still exists. */
  holds(holder: string): boolean {
    return this.#retired.has(holder)
  }

  /** Deletes what was retired, now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#pending) return
    this.#pending = false
    this.#retired.clear()
    try {
      deleteLink(this.#socket, { group: this.#group })
    } catch (error) {
      // The links went with their sandboxes' namespaces.
      if (!hasCode(error, 'ENODEV')) throw error
    }
    this.#listener.removed()
  }

  #flushLater(): void {
    try {
      this.flush()
    } catch (error) {
      this.#listener.failed(`links that are out of use could not be deleted: ${String(error)}`)
    }
  }
}

/** A conversation with one generic netlink family in one namespace. */
import { NetlinkProtocol } from '../netlink/channel.ts'
import type { MessageKind } from '../netlink/message.ts'
import { NetlinkSocket, type Query, type Request } from '../netlink/socket.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { type FamilyLookup, findFamily, type GenericFamily } from './generic-family.ts'

/** What every body of a generic netlink message begins with. */
interface GenericHeader {
  command: number
  version: number
}

/** A command of the family. */
export interface GenericCommand<T extends GenericHeader> {
  /** The command as its header file writes it, for errors: `IPVS_CMD_NEW_SERVICE`. */
  readonly operation: string
  readonly command: number
  readonly kind: MessageKind<T>
  readonly body?: Partial<T>
  readonly flags?: number
}

/** A command whose answers are of kind `reply`. */
export interface GenericQuery<T extends GenericHeader, R> extends GenericCommand<T> {
  readonly reply: MessageKind<R>
}

/** One open socket that speaks one family. Close it when done. */
export class GenericSocket {
  readonly family: GenericFamily
  readonly #socket: NetlinkSocket

  constructor(socket: NetlinkSocket, family: GenericFamily) {
    this.#socket = socket
    this.family = family
  }

  /**
   * Opens a socket in `namespace`, or where the thread is, and looks the family up.
   * @throws FamilyMissingError when this kernel lacks the family
   */
  static open(family: string, namespace?: NamespaceHandle, lookup?: FamilyLookup): GenericSocket {
    const socket = NetlinkSocket.open(NetlinkProtocol.generic, namespace)
    try {
      return new GenericSocket(socket, findFamily(socket, family, lookup))
    } catch (error) {
      socket.close()
      throw error
    }
  }

  /** Gives a command and waits for the acknowledgement. @throws NetlinkError when the kernel refuses */
  request<T extends GenericHeader>(command: GenericCommand<T>): void {
    this.#socket.request(this.#address(command))
  }

  /** Asks and returns what is answered before the acknowledgement. @throws NetlinkError when the kernel refuses */
  query<T extends GenericHeader, R>(query: GenericQuery<T, R>): R[] {
    return this.#socket.query({ ...this.#address(query), reply: query.reply })
  }

  /** A whole table. @throws NetlinkError, DumpInterruptedError */
  dump<T extends GenericHeader, R>(query: GenericQuery<T, R>): R[] {
    const dump: Query<T, R> = { ...this.#address(query), reply: query.reply }
    return this.#socket.dump(dump)
  }

  close(): void {
    this.#socket.close()
  }

  #address<T extends GenericHeader>({ operation, command, kind, body, flags = 0 }: GenericCommand<T>): Request<T> {
    const header = { command, version: this.family.version } as Partial<T>
    return { operation, type: this.family.id, flags, kind, body: { ...body, ...header } }
  }
}

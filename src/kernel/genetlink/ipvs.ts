/** Services and destinations of IP Virtual Server, the kernel's load balancer that Docker Swarm and kube-proxy use. */
import { hasCode } from '../errors.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import type { FamilyLookup } from './generic-family.ts'
import { GenericSocket } from './generic-socket.ts'
import { IpvsCommand, ipvsKind } from './ipvs-message.ts'
import {
  destinationOf,
  type IpvsDestination,
  type IpvsDestinationKey,
  type IpvsDestinationOptions,
  type IpvsService,
  type IpvsServiceKey,
  type IpvsServiceOptions,
  serviceOf,
  wireDestination,
  wireKey,
  wireService,
} from './ipvs-shapes.ts'

/** The load balancer of one namespace. Close it when done. Every method throws NetlinkError when the kernel refuses. */
export class Ipvs {
  readonly #socket: GenericSocket

  constructor(socket: GenericSocket) {
    this.#socket = socket
  }

  /** @throws FamilyMissingError when this kernel has no IPVS, or has not loaded it (`lookup.load` loads it) */
  static open(namespace?: NamespaceHandle, lookup?: FamilyLookup): Ipvs {
    return new Ipvs(GenericSocket.open('IPVS', namespace, lookup))
  }

  /** Every service of the namespace. */
  services(): IpvsService[] {
    const rows = this.#socket.dump({
      operation: 'IPVS_CMD_GET_SERVICE',
      command: IpvsCommand.getService,
      kind: ipvsKind,
      reply: ipvsKind,
    })
    return rows.map((row) => serviceOf(row.service ?? {})).filter((service) => service !== undefined)
  }

  /** One service; undefined when there is none. */
  service(key: IpvsServiceKey): IpvsService | undefined {
    try {
      const [row] = this.#socket.query({
        operation: 'IPVS_CMD_GET_SERVICE',
        command: IpvsCommand.getService,
        kind: ipvsKind,
        body: { service: wireKey(key) },
        reply: ipvsKind,
      })
      return row?.service === undefined ? undefined : serviceOf(row.service)
    } catch (error) {
      if (hasCode(error, 'ESRCH', 'ENOENT')) return undefined
      throw error
    }
  }

  /** Creates a service. @throws NetlinkError EEXIST, ENOENT when the scheduler's module is missing */
  addService(key: IpvsServiceKey, options: IpvsServiceOptions): void {
    this.#do('IPVS_CMD_NEW_SERVICE', IpvsCommand.newService, { service: wireService(key, options) })
  }

  /** Changes a service; its destinations stay. */
  updateService(key: IpvsServiceKey, options: IpvsServiceOptions): void {
    this.#do('IPVS_CMD_SET_SERVICE', IpvsCommand.setService, { service: wireService(key, options) })
  }

  /** Removes a service with its destinations. @throws NetlinkError ESRCH when there is none */
  removeService(key: IpvsServiceKey): void {
    this.#do('IPVS_CMD_DEL_SERVICE', IpvsCommand.deleteService, { service: wireKey(key) })
  }

  /** Destinations of a service; none when there is no such service. */
  destinations(key: IpvsServiceKey): IpvsDestination[] {
    const rows = this.#socket.dump({
      operation: 'IPVS_CMD_GET_DEST',
      command: IpvsCommand.getDestination,
      kind: ipvsKind,
      body: { service: wireKey(key) },
      reply: ipvsKind,
    })
    return rows
      .map((row) => destinationOf(row.destination ?? {}, key))
      .filter((destination) => destination !== undefined)
  }

  /** Adds a destination to a service. @throws NetlinkError EEXIST, ESRCH when there is no such service */
  addDestination(service: IpvsServiceKey, key: IpvsDestinationKey, options: IpvsDestinationOptions): void {
    const destination = wireDestination(key, options)
    this.#do('IPVS_CMD_NEW_DEST', IpvsCommand.newDestination, { service: wireKey(service), destination })
  }

  /** Changes a destination; its connections stay. */
  updateDestination(service: IpvsServiceKey, key: IpvsDestinationKey, options: IpvsDestinationOptions): void {
    const destination = wireDestination(key, options)
    this.#do('IPVS_CMD_SET_DEST', IpvsCommand.setDestination, { service: wireKey(service), destination })
  }

  /** Takes a destination out of a service. @throws NetlinkError ENOENT when there is none */
  removeDestination(service: IpvsServiceKey, key: IpvsDestinationKey): void {
    const destination = wireDestination(key)
    this.#do('IPVS_CMD_DEL_DEST', IpvsCommand.deleteDestination, { service: wireKey(service), destination })
  }

  /** Removes every service of the namespace. */
  flush(): void {
    this.#do('IPVS_CMD_FLUSH', IpvsCommand.flush, {})
  }

  close(): void {
    this.#socket.close()
  }

  #do(operation: string, command: number, body: NonNullable<Parameters<typeof ipvsKind.write>[1]>): void {
    this.#socket.request({ operation, command, kind: ipvsKind, body })
  }
}

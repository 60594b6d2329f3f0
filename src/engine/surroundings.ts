/** What the controller hands to the parts that are plugged into it, and how they are made. */
import type { NamespaceHandle } from '../kernel/index.ts'
import type { NetworkDriver } from './drivers/driver.ts'
import type { IpamDriver } from './ipam/ipam-driver.ts'
import type { NameService } from './name-service.ts'
import type { Store } from './store/store.ts'

/** Where a controller works. */
export interface Surroundings {
  /** The namespace that the controller takes for the host's: bridges, host ends of links and rules are made in it. */
  readonly host: NamespaceHandle
  /** Directory of what must outlive a reboot. */
  readonly state: string
  /** Directory of sockets, pins and files of sandboxes. */
  readonly run: string
  /** The engine's store; a driver keeps its own records under `driver/<name>`. */
  readonly store: Store
  /** Told what a person may want to know, as one sentence; it becomes an event. */
  readonly notice: (sentence: string) => void
}

/** Makes a network driver; called once a controller, before anything is restored. */
export type DriverFactory = (surroundings: Surroundings) => NetworkDriver | Promise<NetworkDriver>

/** Makes an address manager; called once a controller, before pools are replayed. */
export type IpamDriverFactory = (surroundings: Surroundings) => IpamDriver | Promise<IpamDriver>

/** Makes the name service. */
export type NameServiceFactory = (surroundings: Surroundings) => NameService

/** Finds drivers that no factory makes, by name: Docker's plugins. */
export interface DriverLookUp {
  /** Undefined when there is no such driver. */
  networkDriver(name: string, surroundings: Surroundings): Promise<NetworkDriver | undefined>
  ipamDriver(name: string, surroundings: Surroundings): Promise<IpamDriver | undefined>
}

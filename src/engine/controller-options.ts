/** How a controller is opened. */
import type { NamespaceHandle } from '../kernel/index.ts'
import type { NetworkSpec } from './network/network-spec.ts'
import type { Store } from './store/store.ts'
import type { DriverFactory, DriverLookUp, IpamDriverFactory, NameServiceFactory } from './surroundings.ts'

/** How a controller is opened. */
export interface ControllerOptions {
  /** Directory of what must outlive a reboot; made when it is missing. One controller at a time can have it. */
  readonly state: string
  /** Directory of pins and files of sandboxes; made when it is missing. */
  readonly run: string
  /** The namespace to take for the host's; it stays the caller's to close. The one that the process lives in when left out. */
  readonly host?: NamespaceHandle
  /** Network drivers by name, instead of those that come with the engine. */
  readonly drivers?: ReadonlyMap<string, DriverFactory>
  /** IPAM drivers by name, instead of those that come with the engine. */
  readonly ipamDrivers?: ReadonlyMap<string, IpamDriverFactory>
  /** Finds drivers that are in neither map; Docker's plugins when left out, none when null. */
  readonly plugins?: DriverLookUp | null
  /** Answers names in sandboxes; the engine's own resolver when left out, nobody when null. */
  readonly names?: NameServiceFactory | null
  /** Instead of the store in `state`. */
  readonly store?: Store
  /** A network that gives sandboxes a way out whose endpoints have none; made when it is first needed. */
  readonly gatewayNetwork?: NetworkSpec
}

/**
 * The bridge driver and the address manager as the engine and dockerd share them. A driver that restores the kernel's state
 * removes what bears its mark and belongs to no record, so it must be given dockerd's records together with the engine's; and
 * pools that do not overlap come from one allocator.
 */
import {
  type DriverFactory,
  defaultDrivers,
  defaultIpamDrivers,
  type EndpointRecord,
  EngineError,
  type IpamDriver,
  type IpamDriverFactory,
  type NetworkDriver,
  type NetworkRecord,
  type StoreReader,
  type Surroundings,
} from '../../engine/index.ts'
import { dockerRecords } from './register.ts'

const BRIDGE = 'bridge'
const DEFAULT_IPAM = 'default'

/** Drivers that the engine and dockerd share: give `drivers` and `ipamDrivers` to the controller. */
export class SharedDrivers {
  readonly drivers: ReadonlyMap<string, DriverFactory>
  readonly ipamDrivers: ReadonlyMap<string, IpamDriverFactory>
  #bridge: Promise<SharedBridge> | undefined
  #ipam: Promise<IpamDriver> | undefined

  constructor() {
    this.drivers = new Map(defaultDrivers).set(BRIDGE, async (around) => (await this.#sharedBridge(around)).driver)
    this.ipamDrivers = new Map(defaultIpamDrivers).set(DEFAULT_IPAM, (around) => this.ipam(around))
  }

  /** The bridge driver, made when nobody had it before; the kernel has dockerd's networks as the store says. */
  async bridge(surroundings: Surroundings): Promise<NetworkDriver> {
    const shared = await this.#sharedBridge(surroundings)
    // An engine without networks has no reason to restore anything.
    if (!shared.restored()) await shared.driver.restore([], [])
    return shared.driver
  }

  /** The address manager, made when nobody had it before. */
  ipam(surroundings: Surroundings): Promise<IpamDriver> {
    this.#ipam ??= Promise.resolve(found(defaultIpamDrivers, DEFAULT_IPAM)(surroundings))
    return this.#ipam
  }

  #sharedBridge(surroundings: Surroundings): Promise<SharedBridge> {
    this.#bridge ??= Promise.resolve(found(defaultDrivers, BRIDGE)(surroundings)).then((driver) =>
      shareBridge(driver, surroundings.store),
    )
    return this.#bridge
  }
}

function found<F>(factories: ReadonlyMap<string, F>, name: string): F {
  const factory = factories.get(name)
  if (factory === undefined) throw new EngineError('driver-unknown', `the engine has no driver ${name}`)
  return factory
}

interface SharedBridge {
  readonly driver: NetworkDriver
  restored(): boolean
}

/** The driver, knowing of dockerd's networks in the store wherever it is told of all networks. */
function shareBridge(driver: NetworkDriver, store: StoreReader): SharedBridge {
  let restored = false
  const own: Partial<NetworkDriver> = {
    validateNetwork(network: NetworkRecord, others: readonly NetworkRecord[]): void {
      const known = new Set([network.id, ...others.map(({ id }) => id)])
      const theirs = dockerRecords(store).networks.filter(({ id }) => !known.has(id))
      driver.validateNetwork(network, [...others, ...theirs])
    },
    restore(networks: readonly NetworkRecord[], endpoints: readonly EndpointRecord[]): Promise<void> {
      restored = true
      const theirs = dockerRecords(store)
      return driver.restore([...networks, ...theirs.networks], [...endpoints, ...theirs.endpoints])
    },
  }
  const shared = new Proxy(driver, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name)
      // Methods with private fields work on the driver itself only.
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { driver: shared, restored: () => restored }
}

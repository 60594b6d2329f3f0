/** What an address manager is: it hands out pools to networks and addresses to endpoints. */
import type { Labels } from '../model.ts'

/** A pool that is wanted. */
export interface PoolWish {
  readonly addressSpace: string
  /** `10.60.0.0/24`, `0.0.0.0/28` for any of that size, or undefined for any. */
  readonly pool?: string
  readonly subPool?: string
  readonly family: 4 | 6
  readonly options: Labels
  /** Prefixes to keep clear of when the driver chooses: host routes, nameservers. */
  readonly avoid: readonly string[]
}

/** A pool that was given. */
export interface PoolGrant {
  readonly poolId: string
  readonly pool: string
  /** `com.docker.network.gateway` is the gateway, when the driver chose one. */
  readonly data: Labels
}

/** An address that was given, with prefix length: `10.60.0.2/24`; empty when the manager gives none (`null`). */
export interface AddressGrant {
  readonly address: string
  readonly data: Labels
}

/** What the controller must know of an IPAM driver. */
export interface IpamCapabilities {
  /** Wants the MAC address with every request for an address. */
  readonly requiresMacAddress: boolean
  /** Has forgotten everything after a restart: pools and addresses are requested again, oldest network first. */
  readonly requiresReplay: boolean
}

/** An IPAM driver. All calls are serialised per driver by the controller. */
export interface IpamDriver {
  readonly name: string
  capabilities(): Promise<IpamCapabilities>
  defaultAddressSpaces(): Promise<{ readonly local: string; readonly global: string }>
  /** @throws EngineError pool-invalid, pool-overlap, pools-exhausted, address-space-invalid */
  requestPool(wish: PoolWish): Promise<PoolGrant>
  /** @throws EngineError pool-unknown */
  releasePool(poolId: string): Promise<void>
  /**
   * @param preferred without prefix length; any free one when undefined
   * @throws EngineError address-taken, address-out-of-range, addresses-exhausted, pool-unknown
   */
  requestAddress(poolId: string, preferred: string | undefined, options: Labels): Promise<AddressGrant>
  /** Releasing an address that is free does nothing. @throws EngineError pool-unknown, address-out-of-range */
  releaseAddress(poolId: string, address: string): Promise<void>
  close(): Promise<void>
}

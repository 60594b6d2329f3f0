/** Pools and addresses of networks, asked of their IPAM drivers. Calls to one driver follow each other. */

import { readFileSync } from 'node:fs'
import { containsAddress, parseAddress, parseCidr } from '../addresses/index.ts'

import { Failures } from '../collect-failures.ts'
import type { Core } from '../core.ts'
import { EngineError, isEngineError } from '../errors.ts'
import { type IpamDriver, prefixesToAvoid } from '../ipam/index.ts'
import type { EndpointRecord, Labels, NetworkRecord, PoolLease, PoolRequest } from '../model.ts'
import { familyOfPool, ownIpamOptions } from './network-spec.ts'

const ADDRESS_TYPE = 'RequestAddressType'
const GATEWAY = 'com.docker.network.gateway'
const ENDPOINT_NAME = 'com.docker.network.endpoint.name'
const ENDPOINT_MAC = 'com.docker.network.endpoint.macaddress'

/** Runs `work` with a network's IPAM driver, alone. @throws EngineError ipam-driver-unknown */
async function withIpam<T>(core: Core, name: string, work: (driver: IpamDriver) => Promise<T>): Promise<T> {
  const driver = await core.ipamDrivers.get(name)
  return core.locks.hold(`ipam:${name}`, () => work(driver))
}

/**
 * Leases the pools of a network, with gateways and auxiliary addresses: as asked for, and one of each family that has none.
 * When one cannot be had, those before it are given back.
 * @throws EngineError of the IPAM driver
 */
export function leasePools(
  core: Core,
  network: NetworkRecord,
  requests: readonly PoolRequest[],
  wantsGateway: boolean,
): Promise<PoolLease[]> {
  return withIpam(core, network.ipamDriver, async (driver) => {
    const leases: PoolLease[] = []
    try {
      for (const { family, request } of wantedPools(network, requests)) {
        await leasePool(core, driver, network, family, request, wantsGateway, leases)
      }
      return leases
    } catch (error) {
      await givePoolsBack(driver, leases, new Failures())
      throw error
    }
  })
}

function wantedPools(
  network: NetworkRecord,
  requests: readonly PoolRequest[],
): { family: 4 | 6; request: PoolRequest }[] {
  const out: { family: 4 | 6; request: PoolRequest }[] = []
  for (const family of [4, 6] as const) {
    if (family === 4 ? !network.ipv4 : !network.ipv6) continue
    const asked = requests.filter((request) => familyOfPool(request) === family)
    out.push(...(asked.length === 0 ? [{}] : asked).map((request) => ({ family, request })))
  }
  return out
}

/** Leases one pool. It is among `leases` as soon as it has been given, with what of it has been given. */
async function leasePool(
  core: Core,
  driver: IpamDriver,
  network: NetworkRecord,
  family: 4 | 6,
  request: PoolRequest,
  wantsGateway: boolean,
  leases: PoolLease[],
): Promise<void> {
  const grant = await driver.requestPool({
    addressSpace: (await driver.defaultAddressSpaces())[network.scope],
    ...(request.pool === undefined ? {} : { pool: request.pool }),
    ...(request.subPool === undefined ? {} : { subPool: request.subPool }),
    family,
    options: ownIpamOptions(network),
    // Heeded where the manager chooses: no pool is named, or only its size (`0.0.0.0/28`).
    avoid: prefixesToAvoid(core.surroundings.host, hostResolvConf()),
  })
  const at = leases.length
  const subPool = request.subPool ?? null
  let lease: PoolLease = {
    family,
    poolId: grant.poolId,
    pool: grant.pool,
    subPool,
    gateway: null,
    auxiliary: {},
    data: grant.data,
  }
  leases.push(lease)
  const gateway = await leaseGateway(driver, grant.poolId, grant.data, request.gateway, wantsGateway)
  lease = { ...lease, gateway }
  leases[at] = lease
  for (const [name, address] of Object.entries(request.auxiliary ?? {})) {
    const given = await driver.requestAddress(grant.poolId, address, {})
    lease = { ...lease, auxiliary: { ...lease.auxiliary, [name]: given.address } }
    leases[at] = lease
  }
}

/** A host without resolv.conf has no nameservers to keep clear of (resolv.conf(5)). */
function hostResolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8')
  } catch {
    return ''
  }
}

async function leaseGateway(
  driver: IpamDriver,
  poolId: string,
  data: Labels,
  asked: string | undefined,
  wanted: boolean,
): Promise<string | null> {
  if (asked === undefined && data[GATEWAY] !== undefined) return data[GATEWAY]
  if (asked === undefined && !wanted) return null
  const grant = await driver.requestAddress(poolId, withoutLength(asked), { [ADDRESS_TYPE]: GATEWAY })
  return grant.address === '' ? null : grant.address
}

/** Gives the pools of a network back, with their gateways and auxiliary addresses. Nothing is thrown. */
export function releasePools(core: Core, network: NetworkRecord, failures: Failures): Promise<void> {
  if (network.pools.length === 0) return Promise.resolve()
  return withIpam(core, network.ipamDriver, (driver) => givePoolsBack(driver, network.pools, failures)).catch((error) =>
    failures.add(error),
  )
}

async function givePoolsBack(driver: IpamDriver, leases: readonly PoolLease[], failures: Failures): Promise<void> {
  for (const lease of leases.toReversed()) {
    for (const address of requestedOf(lease)) {
      await failures.attempt(() => releaseKnown(() => driver.releaseAddress(lease.poolId, address)))
    }
    await failures.attempt(() => releaseKnown(() => driver.releasePool(lease.poolId)))
  }
}

/** The network's own addresses that were asked for. A gateway that came with the pool was not. */
function requestedOf(lease: PoolLease): string[] {
  const own = lease.gateway === null || lease.gateway === lease.data[GATEWAY] ? [] : [lease.gateway]
  return [...own, ...Object.values(lease.auxiliary)].map((address) => withoutLength(address))
}

/** Giving back what the driver no longer knows is what was wanted. */
async function releaseKnown(release: () => Promise<void>): Promise<void> {
  try {
    await release()
  } catch (error) {
    if (!isEngineError(error, 'pool-unknown')) throw error
  }
}

/** What an endpoint asks of its network's pools. */
export interface AddressWish {
  readonly name: string
  readonly macAddress: string | null
  /** Preferred addresses, at most one a family. */
  readonly addresses: readonly string[]
  readonly ipamOptions: Labels
}

/**
 * Whether a network's IPAM driver keeps leases over our death, so that what is not given back stays leased. One that cannot be
 * asked is taken to.
 */
export async function remembersLeases(core: Core, network: NetworkRecord): Promise<boolean> {
  if (network.pools.length === 0) return false
  try {
    return !(await (await core.ipamDrivers.get(network.ipamDriver)).capabilities()).requiresReplay
  } catch {
    return true
  }
}

/** Whether a network's IPAM driver wants the MAC address with each request. @throws EngineError ipam-driver-unknown */
export async function wantsMacAddress(core: Core, network: NetworkRecord): Promise<boolean> {
  if (network.pools.length === 0) return false
  return (await (await core.ipamDrivers.get(network.ipamDriver)).capabilities()).requiresMacAddress
}

/**
 * Addresses for an endpoint, one of each family of its network, with prefix length, IPv4 first.
 * @throws EngineError address-taken, address-out-of-range, addresses-exhausted …; nothing is kept then
 */
export async function leaseAddresses(core: Core, network: NetworkRecord, wish: AddressWish): Promise<string[]> {
  checkWish(network, wish)
  if (network.pools.length === 0) return []
  const options = {
    ...wish.ipamOptions,
    [ENDPOINT_NAME]: wish.name,
    ...(wish.macAddress === null ? {} : { [ENDPOINT_MAC]: wish.macAddress }),
  }
  return withIpam(core, network.ipamDriver, async (driver) => {
    const addresses: string[] = []
    try {
      for (const family of [4, 6] as const) {
        const leases = network.pools.filter((lease) => lease.family === family)
        const preferred = wish.addresses.find((address) => address.includes(':') === (family === 6))
        if (leases.length > 0) addresses.push(await leaseAddress(driver, leases, withoutLength(preferred), options))
      }
      // The null address manager gives none.
      return addresses.filter((address) => address !== '')
    } catch (error) {
      await giveAddressesBack(driver, network, addresses, new Failures())
      throw error
    }
  })
}

function checkWish(network: NetworkRecord, wish: AddressWish): void {
  for (const address of wish.addresses) {
    const family = address.includes(':') ? 6 : 4
    const same = wish.addresses.filter((other) => other.includes(':') === (family === 6))
    if (same.length > 1)
      throw new EngineError('address-invalid', `an endpoint has one IPv${family} address, not ${same.length}`)
    if (network.pools.some((lease) => lease.family === family)) continue
    throw new EngineError('address-out-of-range', `network ${network.name} has no IPv${family} pool for ${address}`, {
      network: network.id,
    })
  }
}

/** Asks one pool after the other until one gives. */
async function leaseAddress(
  driver: IpamDriver,
  leases: readonly PoolLease[],
  preferred: string | undefined,
  options: Labels,
): Promise<string> {
  let refusal: unknown
  for (const lease of preferred === undefined ? leases : withAddress(leases, preferred)) {
    try {
      return (await driver.requestAddress(lease.poolId, preferred, options)).address
    } catch (error) {
      if (!isEngineError(error, 'addresses-exhausted', 'address-out-of-range')) throw error
      refusal ??= error
    }
  }
  throw refusal
}

/** The pools that an address lies in; all of them when it lies in none, so that the manager says what is wrong with it. */
function withAddress(leases: readonly PoolLease[], address: string): readonly PoolLease[] {
  const wanted = parseAddress(address)
  const fitting = leases.filter((lease) => containsAddress(parseCidr(lease.pool).prefix, wanted))
  return fitting.length > 0 ? fitting : leases
}

/** Gives an endpoint's addresses back. Nothing is thrown. */
export function releaseAddresses(
  core: Core,
  network: NetworkRecord,
  addresses: readonly string[],
  failures: Failures,
): Promise<void> {
  if (network.pools.length === 0 || addresses.length === 0) return Promise.resolve()
  return withIpam(core, network.ipamDriver, (driver) => giveAddressesBack(driver, network, addresses, failures)).catch(
    (error) => failures.add(error),
  )
}

async function giveAddressesBack(
  driver: IpamDriver,
  network: NetworkRecord,
  addresses: readonly string[],
  failures: Failures,
): Promise<void> {
  for (const address of addresses) {
    await failures.attempt(async () => {
      // Which of several pools gave it, the pools know: those that did not say so.
      let refusal: unknown
      for (const lease of network.pools.filter((each) => (each.family === 6) === address.includes(':'))) {
        try {
          return await driver.releaseAddress(lease.poolId, withoutLength(address))
        } catch (error) {
          if (!isEngineError(error, 'address-out-of-range', 'pool-unknown')) throw error
          refusal ??= error
        }
      }
      if (refusal !== undefined && !isEngineError(refusal, 'pool-unknown')) throw refusal
    })
  }
}

/**
 * Tells an IPAM driver that has forgotten everything what a network and its endpoints have.
 * @returns the pools as the driver calls them now
 */
export function replayNetwork(
  core: Core,
  network: NetworkRecord,
  endpoints: readonly EndpointRecord[],
  failures: Failures,
): Promise<PoolLease[]> {
  return withIpam(core, network.ipamDriver, async (driver) => {
    if (!(await driver.capabilities()).requiresReplay) return [...network.pools]
    const leases: PoolLease[] = []
    for (const lease of network.pools) {
      const again = await failures.attempt(() => replayPool(driver, network, lease))
      leases.push(again ?? lease)
    }
    for (const endpoint of endpoints) {
      for (const address of endpoint.addresses) {
        const own = leases.filter((lease) => (lease.family === 6) === address.includes(':'))
        await failures.attempt(() => leaseAddress(driver, own, withoutLength(address), {}))
      }
    }
    return leases
  })
}

async function replayPool(driver: IpamDriver, network: NetworkRecord, lease: PoolLease): Promise<PoolLease> {
  const grant = await driver.requestPool({
    addressSpace: (await driver.defaultAddressSpaces())[network.scope],
    pool: lease.pool,
    ...(lease.subPool === null ? {} : { subPool: lease.subPool }),
    family: lease.family,
    options: ownIpamOptions(network),
    avoid: [],
  })
  const own = lease.gateway === null || lease.gateway === lease.data[GATEWAY] ? undefined : withoutLength(lease.gateway)
  if (own !== undefined) await driver.requestAddress(grant.poolId, own, { [ADDRESS_TYPE]: GATEWAY })
  for (const address of Object.values(lease.auxiliary)) {
    await driver.requestAddress(grant.poolId, withoutLength(address), {})
  }
  return { ...lease, poolId: grant.poolId }
}

function withoutLength(address: string): string
function withoutLength(address: string | undefined): string | undefined
function withoutLength(address: string | undefined): string | undefined {
  return address?.split('/', 1)[0]
}

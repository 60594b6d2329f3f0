/** What macvlan and ipvlan differ in. */
import type { Link } from '../../../kernel/index.ts'
import type { EndpointRecord, NetworkRecord } from '../../model.ts'
import type { OperationalInfo } from '../driver.ts'

/** A kind of interface that stands on a parent. */
export interface ChildKind {
  readonly name: 'macvlan' | 'ipvlan'
  /** What the name of the parent begins with that a network without one is given. */
  readonly dummyPrefix: 'dm' | 'di'
  /** Options of a network beside `parent`. */
  readonly options: readonly string[]
  /** Checks them. @throws EngineError option-invalid */
  check(network: NetworkRecord): void
  /** Why two networks cannot stand on one parent, as a clause; undefined when they can. */
  clash(network: NetworkRecord, other: NetworkRecord): string | undefined
  /** What is told to the kernel when an interface is made. */
  info(network: NetworkRecord): NonNullable<Link['info']>
  /** The MAC address that an endpoint's interface is to have; undefined when it has its parent's. @throws EngineError mac-invalid */
  macAddress(network: NetworkRecord, endpoint: EndpointRecord): string | undefined
  /** Its endpoints reach everything through the interface itself, without a gateway. */
  routed(network: NetworkRecord): boolean
  inspect(network: NetworkRecord): OperationalInfo
}

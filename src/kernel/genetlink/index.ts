/**
 * Generic netlink: the families whose numbers the kernel gives out as they load. `findFamily` looks one up, `GenericSocket`
 * speaks it; on these stand the load balancer (`Ipvs`), `Wireguard` and `Ethtool`.
 *
 * Read `generic-family.ts` and `generic-socket.ts` first; each family then has its tables in `*-message.ts` and its use in
 * the file of its name.
 */
export { type DeviceFeature, type DeviceFeatures, Ethtool, type LinkSettings } from './ethtool.ts'
export { type FamilyLookup, FamilyMissingError, findFamily, type GenericFamily } from './generic-family.ts'
export { type GenericCommand, type GenericQuery, GenericSocket } from './generic-socket.ts'
export { Ipvs } from './ipvs.ts'
export type {
  IpvsDestination,
  IpvsDestinationKey,
  IpvsDestinationOptions,
  IpvsForwarding,
  IpvsProtocol,
  IpvsService,
  IpvsServiceFlag,
  IpvsServiceKey,
  IpvsServiceOptions,
  IpvsStatistics,
} from './ipvs-shapes.ts'
export {
  Wireguard,
  type WireguardDevice,
  type WireguardPeer,
  type WireguardPeerSettings,
  type WireguardSettings,
} from './wireguard.ts'
export type { WireguardEndpoint } from './wireguard-message.ts'

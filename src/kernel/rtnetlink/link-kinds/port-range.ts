/** A range of UDP ports, both ends in network order (struct ifla_vxlan_port_range, linux/if_link.h). */
import { be16, struct } from '../../netlink/value.ts'

/** Lowest and highest port, both included. */
export const portRange = struct({ low: be16, high: be16 })

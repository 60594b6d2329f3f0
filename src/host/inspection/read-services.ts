/** Virtual services of IPVS: what a load balancer of Docker Swarm or kube-proxy does. */
import { FamilyMissingError, Ipvs, type IpvsServiceKey } from '../../kernel/index.ts'
import type { InspectedService } from './inspection.ts'
import type { PartContext } from './part-context.ts'

/** Services with their destinations; none when this kernel has no IPVS, or nobody has loaded it. */
export function readServices({ namespace }: PartContext): InspectedService[] {
  let ipvs: Ipvs
  try {
    ipvs = Ipvs.open(namespace)
  } catch (error) {
    if (error instanceof FamilyMissingError) return []
    throw error
  }
  try {
    return ipvs.services().map((service) => ({
      service: serviceName(service.key),
      scheduler: service.scheduler,
      destinations: ipvs.destinations(service.key).map((destination) => ({
        address: destination.address,
        port: destination.port,
        forwarding: destination.forwarding,
        weight: destination.weight,
        active: destination.activeConnections,
        inactive: destination.inactiveConnections,
      })),
    }))
  } finally {
    ipvs.close()
  }
}

function serviceName(key: IpvsServiceKey): string {
  if ('firewallMark' in key) return `mark ${key.firewallMark} ${key.family}`
  const address = key.address.includes(':') ? `[${key.address}]` : key.address
  return `${key.protocol} ${address}:${key.port}`
}

/** Load balancers (IPVS) without anybody behind them, or with somebody who is gone. */
import { FamilyMissingError, Ipvs, type IpvsDestination, type IpvsService } from '../../../kernel/index.ts'
import { commandIn } from '../../remedy/command-line.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { fact, subjectOf } from '../words.ts'

/** `backend-missing`, `backend-stale` */
export const backends: Check = {
  codes: ['backend-missing', 'backend-stale'],
  examine(examination) {
    const found: Diagnosis[] = []
    for (const place of examination.scene.places()) {
      const services = servicesOf(place)
      // The kernel has no load balancer at all: it has none in the other namespaces either.
      if (services === undefined) return []
      for (const service of services) found.push(...judgeService(place, service, examination))
    }
    return found
  },
}

/** A virtual service with its destinations. */
export interface BalancedService {
  readonly key: IpvsService['key']
  readonly destinations: readonly Pick<IpvsDestination, 'address' | 'port' | 'weight'>[]
}

function servicesOf(place: Place): BalancedService[] | undefined {
  let ipvs: Ipvs
  try {
    ipvs = Ipvs.open(place.namespace)
  } catch (error) {
    if (error instanceof FamilyMissingError) return undefined
    throw error
  }
  try {
    return ipvs.services().map(({ key }) => ({ key, destinations: ipvs.destinations(key) }))
  } finally {
    ipvs.close()
  }
}

/** What is wrong with one service. */
export function judgeService(
  place: Place,
  { key, destinations }: BalancedService,
  examination: Examination,
): Diagnosis[] {
  const name = serviceName(key)
  // A weight of zero lets old connections end and takes no new ones.
  if (!destinations.some(({ weight }) => weight > 0)) return [withoutBackends(place, name, destinations.length)]
  return destinations.flatMap((destination) => {
    if (!isNobody(destination.address, place, examination)) return []
    return [staleBackend(place, key, name, destination, examination)]
  })
}

function withoutBackends(place: Place, name: string, idle: number): Diagnosis {
  return {
    finding: {
      code: 'backend-missing',
      severity: 'warning',
      subject: subjectOf(place),
      summary: `The load balancer in ${place.label} has nobody to send ${name} to.`,
      evidence: [
        fact(`service ${name} has ${idle === 0 ? 'no destination' : `${idle} destinations, all of weight 0`}`, 'ipvs'),
      ],
      fix: null,
    },
  }
}

function staleBackend(
  place: Place,
  key: IpvsService['key'],
  name: string,
  { address, port }: BalancedService['destinations'][number],
  { scene }: Examination,
): Diagnosis {
  const end = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return {
    finding: {
      code: 'backend-stale',
      severity: 'warning',
      subject: subjectOf(place),
      summary: `The load balancer in ${place.label} sends a share of ${name} to ${address}, which nobody has any more.`,
      evidence: [
        fact(`service ${name} has the destination ${end}`, 'ipvs'),
        fact(`nobody on the wire towards it has ${address}`),
      ],
      fix: {
        safe: false,
        summary: `Take ${address} out of ${name}.`,
        commands: [commandIn(place, scene.home, ['ipvsadm', '-d', ...serviceWords(key), '-r', end])],
      },
    },
  }
}

function serviceName(key: IpvsService['key']): string {
  if ('firewallMark' in key) return `packets with mark ${key.firewallMark}`
  return `${key.protocol} ${key.address.includes(':') ? `[${key.address}]` : key.address}:${key.port}`
}

function serviceWords(key: IpvsService['key']): string[] {
  if ('firewallMark' in key) return ['-f', String(key.firewallMark), ...(key.family === 'ipv6' ? ['-6'] : [])]
  const address = key.address.includes(':') ? `[${key.address}]` : key.address
  return [key.protocol === 'udp' ? '-u' : '-t', `${address}:${key.port}`]
}

function isNobody(address: string, place: Place, { wiring, wideSegments }: Examination): boolean {
  const answer = place.lookUpRoute({ destination: address })
  if (answer.kind !== 'unicast' || answer.gateway !== undefined) return false
  const output = wiring.get(place.inode, answer.output)
  if (output === undefined || !output.up) return false
  const { stations, openAt } = wideSegments.of(output)
  return (
    openAt === undefined &&
    stations.length > 1 &&
    !stations.some(({ addresses }) => addresses.some((own) => own.address === address))
  )
}

/** Addresses of containers' interfaces. */
import { randomBytes } from 'node:crypto'
import { parseIp } from '../../../kernel/index.ts'
import type { EndpointRecord } from '../../model.ts'
import { bare } from './pools.ts'

/**
 * The MAC address that an endpoint gets when none was asked for: locally administered, `02:42` followed by its IPv4 address,
 * so that neighbours' caches stay right when the address is used again; random where there is no IPv4 address.
 */
export function macAddressFor(endpoint: Pick<EndpointRecord, 'addresses'>): string {
  const ipv4 = endpoint.addresses.find((address) => !address.includes(':'))
  const tail = ipv4 === undefined ? randomBytes(4) : parseIp(bare(ipv4))
  return ['02', '42', ...[...tail].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}

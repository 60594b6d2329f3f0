/** `--subnet`, `--gateway`, `--ip-range` and `--aux-address`: each of the last three belongs to the subnet that it lies in. */
import { BlockList, isIP } from 'node:net'
import type { PoolRequest } from '../../../engine/index.ts'
import { type Invocation, UsageError } from '../../command.ts'
import { keyValues, texts } from '../engine/key-values.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Range {
  readonly contains: (address: string) => boolean
  readonly request: Writable<PoolRequest>
}

/** The pools that the options ask for. @throws UsageError when one is no address, or lies in no subnet */
export function readPools(options: Invocation['options']): PoolRequest[] {
  const ranges = texts(options['subnet']).map(readRange)
  for (const gateway of texts(options['gateway'])) {
    const { request } = rangeOf(ranges, '--gateway', gateway)
    if (request.gateway !== undefined) throw new UsageError(`--gateway ${gateway}: its subnet has one already`)
    request.gateway = gateway
  }
  for (const part of texts(options['ipRange'])) {
    const { request } = rangeOf(ranges, '--ip-range', part)
    if (request.subPool !== undefined) throw new UsageError(`--ip-range ${part}: its subnet has one already`)
    request.subPool = part
  }
  for (const [name, address] of Object.entries(keyValues('--aux-address', options['auxAddress']))) {
    const { request } = rangeOf(ranges, '--aux-address', address)
    request.auxiliary = { ...request.auxiliary, [name]: address }
  }
  return ranges.map(({ request }) => request)
}

function readRange(text: string): Range {
  const { address, length } = split('--subnet', text)
  const list = new BlockList()
  // The kernel's prefix: what follows it may be anything here, and is judged by the engine.
  list.addSubnet(address, length, familyOf(address))
  return { contains: (other) => list.check(other, familyOf(other)), request: { pool: text } }
}

function rangeOf(ranges: readonly Range[], option: string, text: string): Range {
  const { address } = split(option, text)
  const found = ranges.find(({ contains }) => contains(address))
  if (found === undefined) throw new UsageError(`${option} ${text} lies in no --subnet`)
  return found
}

function split(option: string, text: string): { readonly address: string; readonly length: number } {
  const [address = '', digits] = text.split('/', 2)
  const most = isIP(address) === 6 ? 128 : 32
  const length = digits === undefined ? most : Number(digits)
  const wanted =
    option === '--gateway' || option === '--aux-address' ? 'an address' : 'an address range, as 10.60.0.0/24'
  if (isIP(address) === 0 || !/^\d*$/.test(digits ?? '') || digits === '' || length > most) {
    throw new UsageError(`${option} ${text} is not ${wanted}`)
  }
  return { address, length }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

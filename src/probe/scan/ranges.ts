/** Ports and addresses as people write ranges of them: `22,80,8000-8100`; `10.0.0.0/24`, `10.0.0.1-20`. */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'

/** Addresses that one sweep takes: those of a /16. */
export const MOST_ADDRESSES = 65_536

/** Ports in the order in which they were written, each once. @throws RangeError when it is no list of ports */
export function parsePorts(text: string): number[] {
  const ports = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (first === undefined || from < 1 || to > 65_535 || from > to) {
      throw new RangeError(`"${part}" is no port or range of ports: write 80, 1-1000 or 22,80,8000-8100`)
    }
    for (let port = from; port <= to; port++) ports.add(port)
  }
  return [...ports]
}

/**
 * The addresses of a range: one address, a prefix (of IPv4 without its network and broadcast addresses, from /30 on), or a
 * range of last bytes. Undefined when the text is none of these.
 * @throws RangeError when there are more than 65,536
 */
export function parseAddresses(text: string): string[] | undefined {
  const [address = '', length] = text.split('/')
  const dashed = /^(\d+\.\d+\.\d+\.)(\d{1,3})-(\d{1,3})$/.exec(text)
  if (dashed !== null) return dashedRange(dashed[1]!, Number(dashed[2]), Number(dashed[3]))
  const bytes = parsed(address)
  if (bytes === undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const bits = bytes.length * 8
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return undefined
  if (bits - prefix > Math.log2(MOST_ADDRESSES)) {
    throw new RangeError(
      `${text} has more than ${MOST_ADDRESSES.toLocaleString('en')} addresses; sweep a smaller part of it`,
    )
  }
  return prefixRange(bytes, bits - prefix)
}

function parsed(address: string): Buffer | undefined {
  try {
    return parseIp(address)
  } catch {
    return undefined
  }
}

function dashedRange(base: string, first: number, last: number): string[] | undefined {
  if (parsed(`${base}${first}`) === undefined || parsed(`${base}${last}`) === undefined || first > last)
    return undefined
  return Array.from({ length: last - first + 1 }, (_, i) => `${base}${first + i}`)
}

function prefixRange(bytes: Buffer, hostBits: number): string[] {
  const v4 = bytes.length === 4
  const count = 2 ** hostBits
  const low = bytes.readUInt32BE(bytes.length - 4)
  const start = low - (low % count)
  const all = Array.from({ length: count }, (_, i) => {
    const next = Buffer.from(bytes)
    next.writeUInt32BE(start + i, bytes.length - 4)
    return v4 ? formatIPv4(next, 0) : formatIPv6(next, 0)
  })
  return v4 && hostBits >= 2 ? all.slice(1, -1) : all
}

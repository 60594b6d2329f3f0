/** Addresses as the names of PTR queries: `in-addr.arpa` (RFC 1035 §3.5) and `ip6.arpa` (RFC 3596 §2.5). */
import { formatIPv6 } from '../../kernel/index.ts'

/** The address that a name in lower case stands for; undefined when it is none. */
export function addressOfReverseName(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa')) return ipv4Of(name.slice(0, -'.in-addr.arpa'.length).split('.'))
  if (name.endsWith('.ip6.arpa')) return ipv6Of(name.slice(0, -'.ip6.arpa'.length).split('.'))
  return undefined
}

function ipv4Of(parts: readonly string[]): string | undefined {
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return valid ? parts.toReversed().join('.') : undefined
}

function ipv6Of(parts: readonly string[]): string | undefined {
  if (parts.length !== 32 || !parts.every((part) => /^[0-9a-f]$/.test(part))) return undefined
  return formatIPv6(Buffer.from(parts.toReversed().join(''), 'hex'), 0)
}

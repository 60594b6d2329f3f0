/** Numbers of the Domain Name System (RFC 1035, 2782, 3596, 6891) and the words for them. */

/** Types of records that can be asked for by name. */
export const RECORD_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const

/** A type by its name. */
export type RecordType = keyof typeof RECORD_TYPES

/** The OPT record of EDNS, which is no record but uses one's shape. */
export const OPT = 41
/** The Internet's class. */
export const CLASS_IN = 1

const typeNames = new Map(Object.entries(RECORD_TYPES).map(([name, number]) => [number as number, name]))

/** The name of a type, or `TYPE99` for one that has none here (RFC 3597 §5). */
export function recordTypeName(number: number): string {
  return typeNames.get(number) ?? `TYPE${number}`
}

const rcodes = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** The name of a response code; `RCODE23` for one that has none here. */
export function rcodeName(number: number): string {
  return rcodes[number] ?? (number === 16 ? 'BADVERS' : `RCODE${number}`)
}

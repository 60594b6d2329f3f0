/** Numbers of the Domain Name System (RFC 1035, 6891) that Netwright deals with. */

/** Types of records. */
export const RecordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
} as const

/** Outcome of a query. */
export const Rcode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  /** Unknown version of EDNS; its upper bits travel in the OPT record. */
  badVersion: 16,
} as const

/** The Internet's class. */
export const CLASS_IN = 1
/** Bytes of a message's header. */
export const HEADER_BYTES = 12
/** Longest answer over UDP to a client that says nothing about it (RFC 1035 §4.2.1). */
export const PLAIN_UDP_LIMIT = 512
/** Longest message, since TCP prefixes it with 16 bits of length. */
export const MESSAGE_LIMIT = 65_535
/** Seconds for which our answers may be kept. */
export const TIME_TO_LIVE = 600
/** The port of name servers. */
export const DNS_PORT = 53
/** Where the resolver is reached within every sandbox. */
export const RESOLVER_ADDRESS = '127.0.0.11'

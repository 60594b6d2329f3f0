/** Messages of the Domain Name System as values. `parse-message.ts` and `write-message.ts` are the way to and from bytes. */

/** What a record says. Types that are not listed keep their bytes. */
export type RecordData =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'TXT'; readonly texts: readonly Buffer[] }
  | StartOfAuthority
  | { readonly type: 'other'; readonly number: number; readonly bytes: Buffer }

/** The SOA record; times in seconds. */
export interface StartOfAuthority {
  readonly type: 'SOA'
  readonly primary: string
  readonly mailbox: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

/** A record. */
export interface ResourceRecord {
  readonly name: string
  /** 1: the Internet. */
  readonly class: number
  /** Seconds. */
  readonly timeToLive: number
  readonly data: RecordData
}

/** What is asked. */
export interface Question {
  readonly name: string
  /** Number of a record type. */
  readonly type: number
  readonly class: number
}

/** What the OPT record says (RFC 6891). */
export interface Edns {
  /** Longest UDP message that the sender takes. */
  readonly udpSize: number
  readonly version: number
  readonly dnssecOk: boolean
  readonly options: readonly { readonly code: number; readonly data: Buffer }[]
}

/** A message. */
export interface Message {
  readonly id: number
  readonly response: boolean
  /** 0: a query. */
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticData: boolean
  readonly checkingDisabled: boolean
  /** With the upper bits of the OPT record, if there is one. */
  readonly rcode: number
  readonly questions: readonly Question[]
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without the OPT record. */
  readonly additionals: readonly ResourceRecord[]
  readonly edns: Edns | undefined
}

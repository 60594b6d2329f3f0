/**
 * Looking up a name as the C library does for programs in a namespace (glibc, nss_files and nss_dns): the hosts file, then
 * the name servers, with the search list, each step recorded and timed.
 */
import { isIP } from 'node:net'
import type { NamespaceHandle } from '../../kernel/index.ts'
import { type Asked, type AskedStatus, askServers, judge } from './ask-servers.ts'
import { addressOfReverseName, encodeName, reverseName } from './domain-name.ts'
import type { Exchange, ExchangeOutcome } from './exchange.ts'
import type { ResourceRecord } from './message.ts'
import { RECORD_TYPES, type RecordType, rcodeName, recordTypeName } from './record-type.ts'
import {
  addressesInHosts,
  namesInHosts,
  parseHosts,
  parseResolverConfiguration,
  type ResolverConfiguration,
  type ResolverTexts,
} from './resolver-files.ts'

/** A step of a look-up. */
export type LookUpStep =
  | { readonly kind: 'hosts'; readonly name: string; readonly found: readonly string[]; readonly milliseconds: number }
  | {
      readonly kind: 'query'
      /** As it was asked, with a domain of the search list. */
      readonly name: string
      readonly type: string
      readonly server: string
      readonly transport: 'udp' | 'tcp'
      /** What travelled: an answer, nothing, a refusal. */
      readonly outcome: ExchangeOutcome
      /** What it means; `truncated` was asked again over TCP. */
      readonly means: AskedStatus | 'truncated'
      /** `NXDOMAIN`; null without an answer. */
      readonly rcode: string | null
      /** Why a server cannot be reached: `ENETUNREACH`; null otherwise. */
      readonly reason: string | null
      readonly records: readonly ResourceRecord[]
      readonly milliseconds: number
    }

/** What is to be looked up, where, by which files. */
export interface LookUpInit {
  readonly namespace: NamespaceHandle
  /** A name; for PTR also an address. A final dot keeps the search list out of it. */
  readonly name: string
  /** A and AAAA when left out, asked at the same time. */
  readonly types?: readonly RecordType[]
  readonly files: ResolverTexts
  /** Servers to ask instead of those of the files; the hosts file is then left out too. */
  readonly servers?: readonly string[]
  /** Port of the servers: 53 when left out. */
  readonly port?: number
  /** Milliseconds for each answer, instead of what resolv.conf says (5,000). */
  readonly milliseconds?: number
  /** Rounds through the servers, instead of what resolv.conf says (2). */
  readonly attempts?: number
  /** Longest UDP answer told by EDNS. */
  readonly udpSize?: number
  /** Use TCP only. */
  readonly tcp?: boolean
  readonly signal?: AbortSignal
  /** Told of each step as it ends. */
  readonly onStep?: (step: LookUpStep) => void
}

/** What a look-up found. */
export interface LookUp {
  readonly name: string
  readonly status: AskedStatus
  /** Whose files were used. */
  readonly source: string
  readonly configuration: ResolverConfiguration
  /** Names in the order in which they were asked: the search path taken. */
  readonly asked: readonly string[]
  /** The name that had an answer; null when none had. */
  readonly foundAs: string | null
  /** `literal`, `hosts`, or the address of the server that settled it; null when nobody did. */
  readonly answeredBy: string | null
  /** IPv6 and IPv4 addresses, those of the first type first. */
  readonly addresses: readonly string[]
  readonly records: readonly ResourceRecord[]
  readonly steps: readonly LookUpStep[]
  readonly milliseconds: number
}

/**
 * Which status counts for a name of which several types were asked: a type without an answer leaves open whether the name has
 * anything, one without data says that the name exists.
 */
const RANKING: readonly AskedStatus[] = [
  'found',
  'interrupted',
  'no-answer',
  'server-failure',
  'refused',
  'no-data',
  'name-unknown',
]

/**
 * Looks a name up. Resolves with what was found or why nothing was.
 * @throws RangeError when the name is no domain name
 */
export async function lookUp(init: LookUpInit): Promise<LookUp> {
  return new LookingUp(init).run()
}

/** One look-up while it lasts. */
class LookingUp {
  readonly #init: LookUpInit
  readonly #types: readonly RecordType[]
  readonly #configuration: ResolverConfiguration
  readonly #steps: LookUpStep[] = []
  readonly #asked: string[] = []
  readonly #started = performance.now()

  constructor(init: LookUpInit) {
    this.#init = init
    const fromFile = parseResolverConfiguration(init.files.resolvConf ?? '')
    this.#configuration = {
      ...fromFile,
      ...(init.servers === undefined ? {} : { nameservers: init.servers }),
      ...(init.attempts === undefined ? {} : { attempts: init.attempts }),
      ...(init.tcp === true ? { useVc: true } : {}),
    }
    this.#types = init.types ?? (fromFile.noAaaa ? ['A'] : ['A', 'AAAA'])
  }

  async run(): Promise<LookUp> {
    const { name } = this.#init
    const forAddresses = this.#types.every((type) => type === 'A' || type === 'AAAA')
    if (forAddresses && isIP(name.split('%')[0]!) !== 0)
      return this.#end('found', { answeredBy: 'literal', addresses: [name] })
    const question = isIP(name) !== 0 ? `${reverseName(name)}.` : name
    if (encodeName(question) === undefined) throw new RangeError(`${JSON.stringify(name)} is not a domain name`)
    const inHosts = this.#init.servers === undefined ? this.#lookIntoHosts(question, forAddresses) : []
    if (inHosts.length > 0) {
      return this.#end('found', {
        answeredBy: 'hosts',
        foundAs: question,
        ...(forAddresses ? { addresses: inHosts } : {}),
      })
    }
    return this.#search(question)
  }

  #lookIntoHosts(name: string, forAddresses: boolean): string[] {
    const started = performance.now()
    const reversed = this.#types[0] === 'PTR' ? addressOfReverseName(name) : undefined
    if (!forAddresses && reversed === undefined) return []
    const entries = parseHosts(this.#init.files.hosts ?? '')
    const all = reversed === undefined ? addressesInHosts(entries, name) : namesInHosts(entries, reversed)
    const families = this.#types.map((type) => (type === 'A' ? 4 : type === 'AAAA' ? 6 : 0))
    const found = reversed === undefined ? all.filter((it) => families.includes(isIP(it.split('%')[0]!) as 4 | 6)) : all
    this.#record({ kind: 'hosts', name, found, milliseconds: performance.now() - started })
    return found
  }

  /** The order of names, and when to stop, are those of res_nsearch (glibc, resolv/res_query.c). */
  async #search(name: string): Promise<LookUp> {
    const { search, ndots, noTldQuery } = this.#configuration
    const final = name.endsWith('.')
    const dots = name.split('.').length - 1
    let asIs: Answered | undefined
    if (final || dots >= ndots) {
      asIs = await this.#ask(name)
      if (asIs.status === 'found' || asIs.status === 'interrupted' || final) return this.#settle(asIs)
    }
    let worst: Answered | undefined
    for (const domain of search) {
      const longer = domain === '' ? name : `${name}.${domain}`
      // A name that would be too long is passed over.
      if (encodeName(longer) === undefined) continue
      const answered = await this.#ask(longer)
      if (answered.status === 'found') return this.#settle(answered)
      if (worst?.status !== 'no-data') worst = answered
      const goesOn = ['no-data', 'name-unknown', 'server-failure'].includes(answered.status)
      if (!goesOn) return this.#settle(asIs ?? answered)
    }
    const searched = search.length > 0
    if (asIs === undefined && (dots > 0 || !searched || !noTldQuery)) {
      const last = await this.#ask(name)
      return this.#settle(worst?.status === 'no-data' && last.status !== 'found' ? worst : last)
    }
    return this.#settle(asIs ?? worst!)
  }

  /** Asks all types at the same time. */
  async #ask(name: string): Promise<Answered> {
    this.#asked.push(name)
    const { namespace, port, milliseconds, udpSize, signal } = this.#init
    const asking = {
      ...{ namespace, configuration: this.#configuration },
      ...(port === undefined ? {} : { port }),
      ...(milliseconds === undefined ? {} : { milliseconds }),
      ...(udpSize === undefined ? {} : { udpSize }),
      ...(signal === undefined ? {} : { signal }),
      step: (exchange: Exchange) => this.#record(queryStep(exchange)),
    }
    const all = await Promise.all(this.#types.map((type) => askServers(asking, { name, type: RECORD_TYPES[type] })))
    const status = RANKING.find((candidate) => all.some((asked) => asked.status === candidate))!
    return { name, status, all }
  }

  #settle({ name, status, all }: Answered): LookUp {
    const records = new Map(all.flatMap((asked) => asked.records).map((record) => [JSON.stringify(record), record]))
    const addresses = [...records.values()].flatMap(({ data }) => ('address' in data ? [data.address] : []))
    const settled = all.find((asked) => asked.status === status)
    const answeredBy = settled?.last?.outcome === 'answered' ? settled.last.server : null
    const foundAs = status === 'found' ? name : null
    return this.#end(status, { answeredBy, foundAs, records: [...records.values()], addresses })
  }

  #record(step: LookUpStep): void {
    this.#steps.push(step)
    this.#init.onStep?.(step)
  }

  #end(status: AskedStatus, found: Partial<LookUp>): LookUp {
    return {
      name: this.#init.name,
      status,
      source: this.#init.files.source,
      configuration: this.#configuration,
      asked: this.#asked,
      foundAs: null,
      answeredBy: null,
      addresses: [],
      records: [],
      ...found,
      steps: this.#steps,
      milliseconds: performance.now() - this.#started,
    }
  }
}

/** What came of asking for one name. */
interface Answered {
  readonly name: string
  readonly status: AskedStatus
  readonly all: readonly Asked[]
}

function queryStep(done: Exchange): LookUpStep {
  const { name, type, server, transport, outcome, answer, reason, milliseconds } = done
  return {
    ...{ kind: 'query', name, type: recordTypeName(type), server, transport, outcome },
    means: answer?.truncated === true ? 'truncated' : judge(done, { name, type }),
    rcode: answer === undefined ? null : rcodeName(answer.rcode),
    reason: reason ?? null,
    records: answer?.answers ?? [],
    milliseconds,
  }
}

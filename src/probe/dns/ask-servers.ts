/** One question to the name servers of a configuration, in turn, as the C library asks them (glibc, resolv/res_send.c). */
import { randomInt } from 'node:crypto'
import type { NamespaceHandle } from '../../kernel/index.ts'
import { sameName } from './domain-name.ts'
import { type Exchange, type ExchangeInit, exchange } from './exchange.ts'
import type { Answer, Question, ResourceRecord } from './message.ts'
import { recordTypeName } from './record-type.ts'
import type { ResolverConfiguration } from './resolver-files.ts'

/** What is known after all servers were asked. */
export type AskedStatus =
  /** There are records. */
  | 'found'
  /** The name exists, and has no record of this type. */
  | 'no-data'
  /** There is no such name. */
  | 'name-unknown'
  /** Servers answered, and none could or would say. */
  | 'server-failure'
  /** Nothing listens at any server's address. */
  | 'refused'
  /** No server answered. */
  | 'no-answer'
  | 'interrupted'

/** The end of asking. */
export interface Asked {
  readonly status: AskedStatus
  /** Of the wanted type, at the end of the chain of aliases; and the aliases before them. */
  readonly records: readonly ResourceRecord[]
  /** The last exchange. */
  readonly last: Exchange | undefined
}

/** What all questions of one look-up share. */
export interface Asking {
  readonly namespace: NamespaceHandle
  readonly configuration: ResolverConfiguration
  /** Of the servers; 53 by default. */
  readonly port?: number
  /** Milliseconds for each answer, instead of what the configuration says. */
  readonly milliseconds?: number
  readonly signal?: AbortSignal
  /** Longest UDP answer told by EDNS, instead of what the configuration says. */
  readonly udpSize?: number
  /** Told of every exchange, as it ends. */
  step(exchange: Exchange): void
}

const FORMAT_ERROR = 1
const NAME_ERROR = 3
/** RESOLV_EDNS_BUFFER_SIZE of glibc. */
const EDNS_BYTES = 1200
const LONGEST_CHAIN = 16

/** Asks the servers one after the other until one gives an answer that settles it. @throws RangeError */
export async function askServers(asking: Asking, question: Question): Promise<Asked> {
  const { configuration } = asking
  const servers = rotated(configuration)
  let worst: Asked = { status: 'refused', records: [], last: undefined }
  for (let attempt = 0; attempt < configuration.attempts; attempt++) {
    for (const [i, server] of servers.entries()) {
      const milliseconds = asking.milliseconds ?? patience(configuration, i)
      const last = await askOne(asking, { ...question, server, milliseconds })
      const status = judge(last, question)
      if (status === 'found') return { status, records: chainOf(last.answer!, question), last }
      if (status === 'no-data' || status === 'name-unknown' || status === 'interrupted') {
        return { status, records: [], last }
      }
      if (worst.status === 'refused' || status === 'server-failure') worst = { status, records: [], last }
    }
  }
  return worst
}

function rotated({ nameservers, rotate }: ResolverConfiguration): readonly string[] {
  const start = rotate ? randomInt(nameservers.length) : 0
  return [...nameservers.slice(start), ...nameservers.slice(0, start)]
}

/** Later servers are given longer, shared between them (res_send.c, send_dg). */
function patience({ timeout, nameservers }: ResolverConfiguration, index: number): number {
  const seconds = index === 0 ? timeout : Math.floor((timeout << index) / nameservers.length)
  return Math.max(1, seconds) * 1000
}

/** One server: without EDNS when it does not know it, over TCP when the answer does not fit. */
async function askOne(asking: Asking, init: Question & { server: string; milliseconds: number }): Promise<Exchange> {
  const { namespace, configuration, port, signal, step } = asking
  const udpSize = asking.udpSize ?? (configuration.edns ? EDNS_BYTES : undefined)
  const ask = async (more: Pick<ExchangeInit, 'transport' | 'udpSize'>): Promise<Exchange> => {
    const here = { namespace, ...(port === undefined ? {} : { port }), ...(signal === undefined ? {} : { signal }) }
    const done = await exchange({ ...init, ...here, ...more })
    step(done)
    return done
  }
  const transport = configuration.useVc ? 'tcp' : 'udp'
  const size = udpSize === undefined ? {} : { udpSize }
  let done = await ask({ transport, ...size })
  if (done.answer?.rcode === FORMAT_ERROR && udpSize !== undefined) done = await ask({ transport })
  if (done.answer?.truncated === true && done.transport === 'udp') done = await ask({ transport: 'tcp', ...size })
  return done
}

/** What an exchange means for its question. */
export function judge({ outcome, answer }: Exchange, question: Question): AskedStatus {
  if (outcome === 'refused' || outcome === 'interrupted') return outcome
  if (answer === undefined) return 'no-answer'
  if (answer.rcode === NAME_ERROR) return 'name-unknown'
  if (answer.rcode !== 0) return 'server-failure'
  if (chainOf(answer, question).some(({ data }) => isWanted(data, question.type))) return 'found'
  // An empty answer of a server that neither knows the zone nor asks others is a lame delegation (res_send.c).
  const lame = answer.answers.length === 0 && !answer.authoritative && !answer.recursionAvailable
  return lame ? 'server-failure' : 'no-data'
}

/** The records of an answer that lead from the name that was asked to what was asked of it; the order does not matter. */
function chainOf({ answers }: Answer, { name, type }: Question): ResourceRecord[] {
  const chain: ResourceRecord[] = []
  let at = name.replace(/\.$/, '')
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const here = answers.filter((record) => sameName(record.name, at))
    const wanted = here.filter(({ data }) => isWanted(data, type))
    chain.push(...wanted)
    const alias = wanted.length > 0 ? undefined : here.find(({ data }) => data.type === 'CNAME')
    if (alias === undefined || alias.data.type !== 'CNAME' || chain.includes(alias)) break
    chain.push(alias)
    at = alias.data.target
  }
  return chain
}

function isWanted(data: ResourceRecord['data'], type: number): boolean {
  return data.type === 'other' ? data.number === type : data.type === recordTypeName(type)
}

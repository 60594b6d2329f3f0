/** Why a name has no address: from the look-up's steps to one cause. */
import type { LookUp, LookUpStep } from '../../probe/index.ts'
import type { FindingCode } from '../catalog/finding-code.ts'
import type { Evidence } from '../finding.ts'
import type { Flow } from '../path/flow.ts'
import { familyOfAddress } from '../scene/fib/address-bits.ts'
import type { Place } from '../scene/place.ts'
import { ask, type NameInit } from './name-resolution.ts'
import { causePlace } from './names-of-place.ts'
import { isLoopbackAddress } from './own-address.ts'
import type { NamedCause } from './question.ts'
import type { NameSources } from './resolver-texts.ts'

/** Why a name has no address, and the questions that got no answer. */
export interface NameFailure extends NamedCause {
  readonly queries: readonly Flow[]
}

const DNS_PORT = 53
/** Bytes of a usual question: header, a name of some length, type and class. */
const QUESTION_BYTES = 40
const QUERY_PORT = 49_153

type Query = Extract<LookUpStep, { kind: 'query' }>

/** Explains a look-up that failed. */
export async function explainFailure(
  init: NameInit,
  sources: NameSources,
  lookUp: LookUp | undefined,
): Promise<NameFailure> {
  const { from, name } = init
  const misconfigured = misconfiguration(from, name, sources, lookUp)
  if (misconfigured !== undefined) return misconfigured
  if (lookUp === undefined) return failure(from, 'dns-misconfigured', `Names cannot be resolved in ${from.label}.`, [])
  const queries = queriesOf(lookUp)
  switch (lookUp.status) {
    case 'name-unknown':
    case 'no-data':
      return (await knownElsewhere(init, sources, lookUp)) ?? unknownName(from, lookUp, queries)
    case 'server-failure':
      return serverFailure(from, lookUp, queries)
    default:
      return unreachable(from, lookUp, queries)
  }
}

/** What the files say that cannot work. */
function misconfiguration(
  from: Place,
  name: string,
  { texts, dns }: NameSources,
  lookUp: LookUp | undefined,
): NameFailure | undefined {
  const where = `${from.label} (${texts.source})`
  if (!dns) {
    const fact = `/etc/nsswitch.conf of ${texts.source} has no dns in its line hosts:`
    return failure(from, 'dns-misconfigured', `${name} is not in the hosts file, and ${where} asks no name server.`, [
      { fact, source: 'nsswitch.conf' },
    ])
  }
  const answered = lookUp !== undefined && queriesOf(lookUp).some(({ outcome }) => outcome === 'answered')
  if (answered || lookUp === undefined) return undefined
  if (texts.resolvConf === undefined) {
    const evidence = [
      { fact: `/etc/resolv.conf of ${texts.source} is missing or cannot be read`, source: 'resolv.conf' },
    ]
    return failure(from, 'dns-misconfigured', `${where} has no resolv.conf, so no name server is asked.`, evidence)
  }
  const { ignored } = lookUp.configuration
  const servers = nameServerLines(texts.resolvConf)
  if (servers.length === 0 || ignored.length >= servers.length) {
    const said = servers.length === 0 ? 'names no name server' : `names no usable name server: ${ignored.join(', ')}`
    const evidence = [{ fact: `/etc/resolv.conf of ${texts.source} ${said}`, source: 'resolv.conf' }]
    return failure(from, 'dns-misconfigured', `The resolv.conf of ${where} ${said}.`, evidence)
  }
  return deafLoopback(from, where, lookUp)
}

/** Name servers on the loopback are in this very namespace; that of another does not help. */
function deafLoopback(from: Place, where: string, lookUp: LookUp): NameFailure | undefined {
  const { nameservers } = lookUp.configuration
  const deaf = nameservers.filter(
    (server) => isLoopbackAddress(server) && !isEmbedded(server) && !listens(from, server),
  )
  if (deaf.length < nameservers.length) return undefined
  const summary = `The resolv.conf of ${where} names the name server ${deaf.join(', ')}, where nothing listens in this namespace.`
  const evidence = deaf.map((server) => ({
    fact: `no socket in ${from.label} listens at ${server} port 53`,
    source: 'sock_diag',
  }))
  return failure(from, 'dns-misconfigured', summary, evidence)
}

/** Docker's: its rules lead the port 53 of this address to another, so that nobody listens at 53 itself. */
function isEmbedded(server: string): boolean {
  return server === '127.0.0.11'
}

function listens(place: Place, server: string): boolean {
  return place.sockets.some(
    ({ protocol, local }) =>
      protocol === 'udp' &&
      local.port === DNS_PORT &&
      (local.address === server || local.address === '0.0.0.0' || local.address === '::'),
  )
}

/** The first server settles it for the C library; another of the list may know the name. */
async function knownElsewhere(
  init: NameInit,
  { texts }: NameSources,
  lookUp: LookUp,
): Promise<NameFailure | undefined> {
  const others = lookUp.configuration.nameservers.filter((server) => server !== lookUp.answeredBy)
  for (const server of others) {
    const again = await ask(init, { files: texts, servers: [server] })
    if (again.status !== 'found') continue
    const { from, name } = init
    const summary = `The name server ${lookUp.answeredBy}, which ${from.label} asks first, does not know ${name}; ${server}, which is asked only when the first is silent, does.`
    const evidence = [
      { fact: `${lookUp.answeredBy} says that there is no ${name}`, source: 'dns' },
      { fact: `${server} says that ${name} is ${again.addresses.join(', ')}`, source: 'dns' },
    ]
    return failure(from, 'dns-misconfigured', summary, evidence)
  }
  return undefined
}

function unknownName(from: Place, lookUp: LookUp, queries: readonly Query[]): NameFailure {
  const { name, answeredBy, asked, status } = lookUp
  const who = answeredBy ?? 'the name server'
  const summary =
    status === 'no-data'
      ? `The name server ${who}, which ${from.label} asks, knows ${name}, but no address of it.`
      : `The name server ${who}, which ${from.label} asks, says that there is no ${name}.`
  const tried = asked.length > 1 ? [{ fact: `names asked for: ${asked.join(', ')}`, source: 'resolv.conf' }] : []
  return failure(from, 'dns-name-unknown', summary, [...queries.map(queryFact), ...tried])
}

function serverFailure(from: Place, lookUp: LookUp, queries: readonly Query[]): NameFailure {
  const refusing = queries.filter(({ rcode }) => rcode === 'REFUSED')
  const who = [...new Set(queries.map(({ server }) => server))].join(', ')
  if (refusing.length > 0 && refusing.length === queries.length) {
    const summary = `The name server ${who} refuses to answer ${from.label}: it does not serve it.`
    return failure(from, 'dns-misconfigured', summary, queries.map(queryFact))
  }
  const summary = `The name server ${who}, which ${from.label} asks for ${lookUp.name}, cannot find it out itself.`
  return failure(from, 'dns-unreachable', summary, queries.map(queryFact))
}

function unreachable(from: Place, lookUp: LookUp, queries: readonly Query[]): NameFailure {
  const { nameservers } = lookUp.configuration
  const one = nameservers.length === 1
  const summary = `No answer from the name server${one ? '' : 's'} ${nameservers.join(', ')}, which ${from.label} asks for ${lookUp.name}.`
  const flows = nameservers.filter((server) => !server.includes('%')).map((server) => queryFlow(from, server))
  return { ...failure(from, 'dns-unreachable', summary, queries.map(queryFact)), queries: flows }
}

/** The question to a name server, as a flow. */
function queryFlow(from: Place, server: string): Flow {
  return {
    from,
    to: undefined,
    family: familyOfAddress(server),
    protocol: 'udp',
    source: undefined,
    destination: server,
    port: DNS_PORT,
    sourcePort: QUERY_PORT,
    size: QUESTION_BYTES,
  }
}

function queryFact({ name, type, server, outcome, means, rcode, reason }: Query): Evidence {
  const said = outcome === 'answered' ? (rcode === 'NOERROR' ? means : (rcode ?? means)) : (reason ?? outcome)
  return { fact: `${server} asked for ${name} ${type}: ${said}`, source: 'dns' }
}

function queriesOf({ steps }: LookUp): readonly Query[] {
  return steps.filter((step) => step.kind === 'query')
}

function nameServerLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [keyword, server] = line.trim().split(/\s+/)
    return keyword === 'nameserver' && server !== undefined ? [server] : []
  })
}

function failure(from: Place, code: FindingCode, summary: string, evidence: readonly Evidence[]): NameFailure {
  return { cause: { code, where: causePlace(from), summary, evidence }, fix: null, queries: [] }
}

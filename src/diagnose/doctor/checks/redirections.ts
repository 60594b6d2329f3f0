/** Rules that redirect to an address which nobody has, or to somebody who does not take it. */
import {
  formatIPv4,
  formatIPv6,
  type NfChain,
  type NfExpression,
  type NfRule,
  type NfTable,
  Nftables,
  readNfTables,
} from '../../../kernel/index.ts'
import type { RuleReference } from '../../filter/index.ts'
import { ruleWords } from '../../path/hooks.ts'
import { Protocol } from '../../path/packet.ts'
import { predict } from '../../path/predict.ts'
import { fixOfRule } from '../../remedy/rule-fix.ts'
import type { Place } from '../../scene/place.ts'
import { familyOfAddress } from '../address.ts'
import { type Check, type Diagnosis, type Examination, ruleKey } from '../examination.ts'
import { fact, subjectOf } from '../words.ts'

/** `nat-target-missing` */
export const redirections: Check = {
  codes: ['nat-target-missing', 'port-closed', 'listener-on-loopback', 'filtered'],
  examine(examination) {
    return examination.scene
      .places()
      .flatMap((place) => (couldRedirect(place, examination) ? examinePlace(place, examination) : []))
  },
}

/** What has no second wire redirects to nobody; reading rules is the dearest part of looking at a namespace. */
function couldRedirect(place: Place, { wiring }: Examination): boolean {
  return wiring.of(place.inode).filter(({ up, addresses }) => up && addresses.length > 0).length > 1
}

interface Redirection extends Target {
  readonly table: NfTable
  readonly chain: NfChain
  readonly rule: NfRule
}

function examinePlace(place: Place, examination: Examination): Diagnosis[] {
  const isDockerHost = examination.intent.daemons.some(({ namespace }) => namespace === place.inode)
  const found = redirectionsOf(place)
    .filter(({ chain }) => !(isDockerHost && chain.name === 'DOCKER'))
    .slice(0, MOST_REDIRECTIONS)
    .flatMap((found) => {
      const reference = referenceTo(place, found)
      if (examination.reportedRules.has(ruleKey(place, reference))) return []
      if (isNobody(found.address, place, examination)) return [diagnosis(place, found.address, reference, examination)]
      return redirectedTo(place, found, reference, examination) ?? []
    })
  // The same port is redirected for what comes in and for what the host itself sends.
  const seen = new Set<string>()
  return found.filter(({ finding: { code, summary } }) => {
    const isNew = code === 'nat-target-missing' || !seen.has(summary)
    seen.add(summary)
    return isNew
  })
}

/** Rules of one namespace that are followed to whom they redirect to. */
const MOST_REDIRECTIONS = 256

function redirectionsOf({ namespace }: Place): Redirection[] {
  return readNfTables(namespace)
    .filter(({ dormant }) => !dormant)
    .flatMap((table) =>
      table.chains.flatMap((chain) =>
        chain.rules.flatMap((rule) => {
          const target = targetOf(rule.expressions)
          return target === undefined ? [] : [{ table, chain, rule, ...target }]
        }),
      ),
    )
}

/** Whom a rule redirects to. */
interface Target {
  readonly address: string
  /** Undefined: the port stays as it was. */
  readonly port: number | undefined
}

/** The one address that a rule redirects to; undefined when it does not, or when a map decides. */
function targetOf(expressions: readonly NfExpression[]): Target | undefined {
  const registers = new Map<number, Buffer>()
  for (const expression of expressions) {
    if (expression.kind === 'immediate' && expression.dreg !== undefined && expression.data?.value !== undefined) {
      registers.set(expression.dreg, expression.data.value)
    } else if (expression.kind === 'nat' && expression.type === 'dnat') {
      const { sregAddressMin, sregAddressMax, sregPortMin } = expression
      const one = sregAddressMax === undefined || sregAddressMax === sregAddressMin
      const address = one && sregAddressMin !== undefined ? addressOf(registers.get(sregAddressMin)) : undefined
      const port = sregPortMin === undefined ? undefined : registers.get(sregPortMin)
      return address === undefined ? undefined : { address, port: port?.length === 2 ? port.readUInt16BE() : undefined }
    } else if (expression.kind === 'target' && expression.name === 'DNAT' && expression.info !== undefined) {
      return targetOfExtension(expression.info, expression.revision ?? 0)
    }
  }
  return undefined
}

/** struct nf_nat_range: flags, two addresses, two ports; revision 0 has a count in front and short addresses (linux/netfilter/nf_nat.h). */
function targetOfExtension(info: Buffer, revision: number): Target | undefined {
  const IPV4_ONLY = 0
  const at = revision === IPV4_ONLY ? 8 : 4
  const next = revision === IPV4_ONLY ? 12 : 20
  const ports = revision === IPV4_ONLY ? 16 : 36
  if (info.length < ports + 2 || !info.subarray(at, at + 4).equals(info.subarray(next, next + 4))) return undefined
  // An IPv6 address fills the twelve bytes that IPv4 leaves empty.
  const isIpv6 = revision !== IPV4_ONLY && info.subarray(at + 4, at + 16).some((byte) => byte !== 0)
  const address = addressOf(info.subarray(at, at + (isIpv6 ? 16 : 4)))
  const port = info.readUInt16BE(ports)
  return address === undefined ? undefined : { address, port: port === 0 ? undefined : port }
}

function addressOf(bytes: Buffer | undefined): string | undefined {
  if (bytes?.length === 4) return formatIPv4(bytes, 0)
  return bytes?.length === 16 ? formatIPv6(bytes, 0) : undefined
}

function isNobody(address: string, place: Place, { wiring, wideSegments, broken }: Examination): boolean {
  const answer = place.lookUpRoute({ destination: address })
  // Without any route, nobody is there for this namespace.
  if (answer.kind === 'none') return !wiring.of(place.inode).some((one) => !one.up || broken.has(one))
  if (answer.kind !== 'unicast' || answer.gateway !== undefined) return false
  const output = wiring.get(place.inode, answer.output)
  if (output === undefined || !output.up || broken.has(output)) return false
  const { stations, openAt } = wideSegments.of(output)
  const has = stations.some(({ allAddresses }) => allAddresses.some((own) => own.address === address))
  return openAt === undefined && stations.length > 1 && !has && !stations.some((one) => broken.has(one))
}

/** A rule about TCP, and the port that it is about (payload comparisons at the transport header, nft's and iptables-nft's). */
function tcpPortOf({ expressions }: NfRule): number | undefined {
  const compared = expressions.flatMap((expression) =>
    expression.kind === 'cmp' && expression.op === '==' && expression.data?.value !== undefined
      ? [expression.data.value]
      : [],
  )
  if (!compared.some((value) => value.length === 1 && value[0] === Protocol.tcp)) return undefined
  return compared.find(({ length }) => length === 2)?.readUInt16BE()
}

/** What becomes of a connection to whom a rule redirects to: nobody may listen there, or something be in the way. */
function redirectedTo(
  place: Place,
  { rule, address, port }: Redirection,
  reference: RuleReference,
  { scene, wiring, wideSegments, broken }: Examination,
): Diagnosis | undefined {
  const asked = tcpPortOf(rule)
  const to = port ?? asked
  const output = wiring.get(place.inode, place.lookUpRoute({ destination: address }).output)
  if (asked === undefined || to === undefined || output === undefined) return undefined
  const holder = wideSegments
    .of(output)
    .stations.find((one) => one.place.inode !== place.inode && one.addresses.some((own) => own.address === address))
  if (holder === undefined || broken.has(holder)) return undefined
  const { cause, doubts } = predict(scene, {
    from: place,
    to: holder.place,
    family: familyOfAddress(address),
    protocol: 'tcp',
    source: undefined,
    destination: address,
    port: to,
    sourcePort: CLIENT_PORT,
    size: 0,
  })
  if (cause === null || cause.where.namespace !== holder.place.inode || !REFUSALS.has(cause.code)) return undefined
  const severity = cause.code === 'listener-on-loopback' && doubts.length === 0 ? 'error' : 'info'
  return {
    finding: {
      code: cause.code,
      severity,
      subject: subjectOf(holder.place),
      summary: `${place.label} redirects port ${asked} to port ${to} of ${holder.place.label}, which does not take it: ${cause.summary}`,
      evidence: [fact(`${ruleWords(reference)}: ${reference.text}`, 'nftables'), ...cause.evidence],
      fix: null,
    },
  }
}

const CLIENT_PORT = 41_000
/** What one who is redirected to says no by. */
const REFUSALS: ReadonlySet<string> = new Set(['port-closed', 'listener-on-loopback', 'filtered'])

function referenceTo(place: Place, { table, chain, rule, address }: Redirection): RuleReference {
  return {
    backend: 'nftables',
    family: table.family,
    table: table.name,
    chain: chain.name,
    handle: rule.handle,
    position: chain.rules.indexOf(rule) + 1,
    text: textOf(place, table, rule) ?? `dnat to ${address}`,
  }
}

function diagnosis(place: Place, address: string, reference: RuleReference, { scene }: Examination): Diagnosis {
  return {
    finding: {
      code: 'nat-target-missing',
      severity: 'error',
      subject: subjectOf(place),
      summary: `In ${place.label}, ${ruleWords(reference)} redirects to ${address}, an ${familyOfAddress(address) === 'ipv4' ? 'IPv4' : 'IPv6'} address that nobody on that wire has.`,
      evidence: [
        fact(`${ruleWords(reference)}: ${reference.text}`, 'nftables'),
        fact(`nobody on the wire towards ${address} has it`),
      ],
      fix: fixOfRule(place, scene.home, reference),
    },
  }
}

function textOf({ namespace }: Place, { family, name }: NfTable, rule: NfRule): string | undefined {
  try {
    using nftables = Nftables.open(namespace)
    return nftables.ruleTexts({ family, name }).get(rule.handle)
  } catch {
    // Without the library, the rule is known by its number.
    return undefined
  }
}

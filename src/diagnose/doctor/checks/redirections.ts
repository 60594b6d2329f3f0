/** Rules that redirect to an address which nobody has. */
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
import { fixOfRule } from '../../remedy/rule-fix.ts'
import type { Place } from '../../scene/place.ts'
import { familyOfAddress } from '../address.ts'
import { type Check, type Diagnosis, type Examination, ruleKey } from '../examination.ts'
import { fact, subjectOf } from '../words.ts'

/** `nat-target-missing` */
export const redirections: Check = {
  codes: ['nat-target-missing'],
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

interface Redirection {
  readonly table: NfTable
  readonly chain: NfChain
  readonly rule: NfRule
  readonly address: string
}

function examinePlace(place: Place, examination: Examination): Diagnosis[] {
  const isDockerHost = examination.intent.daemons.some(({ namespace }) => namespace === place.inode)
  return redirectionsOf(place)
    .filter(({ chain }) => !(isDockerHost && chain.name === 'DOCKER'))
    .filter(({ address }) => isNobody(address, place, examination))
    .map((found) => ({ found, reference: referenceTo(place, found) }))
    .filter(({ reference }) => !examination.reportedRules.has(ruleKey(place, reference)))
    .map(({ found, reference }) => diagnosis(place, found.address, reference, examination))
}

function redirectionsOf({ namespace }: Place): Redirection[] {
  return readNfTables(namespace)
    .filter(({ dormant }) => !dormant)
    .flatMap((table) =>
      table.chains.flatMap((chain) =>
        chain.rules.flatMap((rule) => {
          const address = targetOf(rule.expressions)
          return address === undefined ? [] : [{ table, chain, rule, address }]
        }),
      ),
    )
}

/** The one address that a rule redirects to; undefined when it does not, or when a map decides. */
function targetOf(expressions: readonly NfExpression[]): string | undefined {
  const registers = new Map<number, Buffer>()
  for (const expression of expressions) {
    if (expression.kind === 'immediate' && expression.dreg !== undefined && expression.data?.value !== undefined) {
      registers.set(expression.dreg, expression.data.value)
    } else if (expression.kind === 'nat' && expression.type === 'dnat') {
      const { sregAddressMin, sregAddressMax } = expression
      const one = sregAddressMax === undefined || sregAddressMax === sregAddressMin
      return one && sregAddressMin !== undefined ? addressOf(registers.get(sregAddressMin)) : undefined
    } else if (expression.kind === 'target' && expression.name === 'DNAT' && expression.info !== undefined) {
      return targetOfExtension(expression.info, expression.revision ?? 0)
    }
  }
  return undefined
}

/** struct nf_nat_range begins with flags and two addresses; revision 0 has a count in front (linux/netfilter/nf_nat.h). */
function targetOfExtension(info: Buffer, revision: number): string | undefined {
  const IPV4_ONLY = 0
  const at = revision === IPV4_ONLY ? 8 : 4
  const next = revision === IPV4_ONLY ? 12 : 20
  if (info.length < next + 4 || !info.subarray(at, at + 4).equals(info.subarray(next, next + 4))) return undefined
  // An IPv6 address fills the twelve bytes that IPv4 leaves empty.
  const isIpv6 = revision !== IPV4_ONLY && info.subarray(at + 4, at + 16).some((byte) => byte !== 0)
  return addressOf(info.subarray(at, at + (isIpv6 ? 16 : 4)))
}

function addressOf(bytes: Buffer | undefined): string | undefined {
  if (bytes?.length === 4) return formatIPv4(bytes, 0)
  return bytes?.length === 16 ? formatIPv6(bytes, 0) : undefined
}

function isNobody(address: string, place: Place, { wiring, wideSegments, broken }: Examination): boolean {
  const answer = place.lookUpRoute({ destination: address })
  if (answer.kind !== 'unicast' || answer.gateway !== undefined) return false
  const output = wiring.get(place.inode, answer.output)
  if (output === undefined || !output.up || broken.has(output)) return false
  const { stations, openAt } = wideSegments.of(output)
  const has = stations.some(({ allAddresses }) => allAddresses.some((own) => own.address === address))
  return openAt === undefined && stations.length > 1 && !has && !stations.some((one) => broken.has(one))
}

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

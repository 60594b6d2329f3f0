/** Rules in the notation of iptables-save(8), which iptables-restore and `iptables` itself read. */
import type {
  IptablesChain,
  IptablesCondition,
  IptablesExtension,
  IptablesOption,
  IptablesRule,
  IptablesTarget,
} from './rule.ts'

/** Names that iptables writes instead of numbers (/etc/protocols). */
const protocols = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipencap'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [89, 'ospf'],
  [112, 'vrrp'],
  [132, 'sctp'],
  [136, 'udplite'],
])

/**
 * A rule as a line: `-A DOCKER -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j ACCEPT`. An extension that is not decoded stands
 * there with its size in brackets, so the line of such a rule cannot be given back to iptables.
 */
export function iptablesRuleText(chain: Pick<IptablesChain, 'name'>, rule: IptablesRule): string {
  return [
    '-A',
    quoteWord(chain.name),
    ...conditionWords('-s', rule.source),
    ...conditionWords('-d', rule.destination),
    ...conditionWords('-i', rule.inInterface),
    ...conditionWords('-o', rule.outInterface),
    ...conditionWords('-p', rule.protocol, (number) => protocols.get(number) ?? String(number)),
    ...(rule.fragment === undefined ? [] : negated(rule.fragment.inverted, '-f')),
    ...rule.matches.flatMap((match) => ['-m', matchName(match), ...extensionWords(match)]),
    ...targetWords(rule.target),
  ].join(' ')
}

function conditionWords<T>(
  option: string,
  condition: IptablesCondition<T> | undefined,
  format: (value: T) => string = (value) => quoteWord(String(value)),
): string[] {
  return condition === undefined ? [] : [...negated(condition.inverted, option), format(condition.value)]
}

function negated(inverted: boolean, option: string): string[] {
  return inverted ? ['!', option] : [option]
}

function targetWords(target: IptablesTarget): string[] {
  switch (target.kind) {
    case 'none':
      return []
    case 'verdict':
      return ['-j', target.verdict]
    case 'jump':
      return ['-j', quoteWord(target.chain)]
    case 'goto':
      return ['-g', quoteWord(target.chain)]
    case 'extension':
      return ['-j', target.name, ...extensionWords(target)]
  }
}

/** iptables stores `-m state` as a conntrack match. */
function matchName({ name, options }: IptablesExtension): string {
  return name === 'conntrack' && options?.[0]?.name === 'state' ? 'state' : name
}

function extensionWords({ options, revision, data }: IptablesExtension): string[] {
  if (options === undefined) return [`[revision ${revision}, ${data.length} bytes not decoded]`]
  return options.flatMap(optionWords)
}

function optionWords({ name, values, inverted }: IptablesOption): string[] {
  return [...negated(inverted, `--${name}`), ...values.map(quoteWord)]
}

/** A word, between double quotes when it needs them: spaces, quotes, backslashes, nothing at all. */
function quoteWord(word: string): string {
  if (/^[^\s"'\\]+$/.test(word)) return word
  return `"${word.replace(/["'\\]/g, '\\$&')}"`
}

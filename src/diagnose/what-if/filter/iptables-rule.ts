/** Rules of iptables(8) and its common extensions (iptables-extensions(8)) in the notation of nft(8). */
import { isIP } from 'node:net'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'

/** A rule, and the table when `-t` stands among its words. */
export interface TranslatedRule {
  readonly rule: string
  readonly table: string | undefined
}

interface Reading {
  readonly words: WordReader
  readonly family: 'ip' | 'ip6'
  protocol: string | undefined
  table: string | undefined
  target: string | undefined
  readonly matches: string[]
}

/** Matches whose name says nothing beyond their options. */
const MODULES: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'comment',
  'conntrack',
  'state',
  'multiport',
  'mark',
  'icmp',
  'icmp6',
  'iprange',
  'mac',
  'addrtype',
])
const NAME = /^[A-Za-z0-9_.@:-]{1,15}\+?$/
const PORTS = /^\d{1,5}(:\d{1,5})?(,\d{1,5}(:\d{1,5})?)*$/
const NUMBER = /^(0x[0-9a-f]+|\d+)(\/(0x[0-9a-f]+|\d+))?$/i
const CHAIN_NAME = /^[A-Za-z][A-Za-z0-9_./-]{0,28}$/

/** Reads what follows the chain. @throws WhatIfError for what is not understood, by its word */
export function readIptablesRule(words: WordReader, family: 'ip' | 'ip6'): TranslatedRule {
  const reading: Reading = { words, family, protocol: undefined, table: undefined, target: undefined, matches: [] }
  while (!words.done) {
    const not = words.take('!') !== undefined
    const word = words.next('a word')
    const read = Object.hasOwn(OPTIONS, word) ? OPTIONS[word] : undefined
    if (read === undefined) words.refuse(word)
    read(reading, not || words.take('!') !== undefined, word)
  }
  return {
    rule: [...reading.matches, 'counter', ...(reading.target === undefined ? [] : [reading.target])].join(' '),
    table: reading.table,
  }
}

type Option = (reading: Reading, not: boolean, word: string) => void

const OPTIONS: Readonly<Record<string, Option>> = {
  '-t': tableOption,
  '--table': tableOption,
  '-p': protocolOption,
  '--protocol': protocolOption,
  '--proto': protocolOption,
  '-s': addressOption('saddr'),
  '--source': addressOption('saddr'),
  '--src': addressOption('saddr'),
  '-d': addressOption('daddr'),
  '--destination': addressOption('daddr'),
  '--dst': addressOption('daddr'),
  '-i': interfaceOption('iifname'),
  '--in-interface': interfaceOption('iifname'),
  '-o': interfaceOption('oifname'),
  '--out-interface': interfaceOption('oifname'),
  '--dport': portsOption('dport'),
  '--destination-port': portsOption('dport'),
  '--dports': portsOption('dport'),
  '--sport': portsOption('sport'),
  '--source-port': portsOption('sport'),
  '--sports': portsOption('sport'),
  '-m': moduleOption,
  '--match': moduleOption,
  '--comment': ({ words }) => void words.next('the comment'),
  '--ctstate': stateOption,
  '--state': stateOption,
  '--mark': (reading, not) => reading.matches.push(markMatch(number(reading, 'the mark'), not)),
  '--icmp-type': icmpOption('icmp'),
  '--icmpv6-type': icmpOption('icmpv6'),
  '--syn': (reading, not) => reading.matches.push(`tcp flags & (fin|syn|rst|ack) ${not ? '!=' : '=='} syn`),
  '--dst-type': typeOption('daddr'),
  '--src-type': typeOption('saddr'),
  '-j': targetOption,
  '--jump': targetOption,
  '-g': (reading) => {
    reading.target = `goto ${chainWord(reading)}`
  },
}

function tableOption(reading: Reading): void {
  reading.table = reading.words.next('the table behind -t')
}

function moduleOption({ words }: Reading): void {
  const name = words.next('the match behind -m')
  if (!MODULES.has(name)) words.refuse(name)
}

function protocolOption(reading: Reading, not: boolean): void {
  const name = reading.words.next('the protocol behind -p').toLowerCase()
  if (name === 'all') return
  if (!/^[a-z0-9-]{1,16}$/.test(name)) reading.words.refuse(name)
  reading.protocol = name
  const nft = name === 'icmpv6' || name === 'ipv6-icmp' ? 'ipv6-icmp' : name
  reading.matches.push(`meta l4proto ${operator(not)}${nft}`)
}

function addressOption(side: 'saddr' | 'daddr'): Option {
  return (reading, not) => {
    const word = reading.words.next('an address')
    const addresses = word.split(',')
    for (const one of addresses) {
      const [address = '', length] = one.split('/')
      const valid =
        isIP(address) === (reading.family === 'ip' ? 4 : 6) && (length === undefined || /^\d{1,3}$/.test(length))
      if (!valid) reading.words.refuse(word)
    }
    const value = addresses.length === 1 ? addresses[0] : `{ ${addresses.join(', ')} }`
    reading.matches.push(`${reading.family} ${side} ${operator(not)}${value}`)
  }
}

function interfaceOption(side: 'iifname' | 'oifname'): Option {
  return (reading, not) => {
    const name = reading.words.next('an interface')
    if (!NAME.test(name)) reading.words.refuse(name)
    // iptables ends a name with + for any rest, nft with *.
    reading.matches.push(`${side} ${operator(not)}"${name.replace(/\+$/, '*')}"`)
  }
}

function portsOption(side: 'sport' | 'dport'): Option {
  return (reading, not, option) => {
    const { protocol, words } = reading
    if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')
      throw new WhatIfError(`iptables: ${option} needs -p tcp or -p udp before it`)
    const word = words.next(`the port behind ${option}`)
    if (!PORTS.test(word)) words.refuse(word)
    const ports = word.split(',').map((port) => port.replace(':', '-'))
    reading.matches.push(
      `${protocol} ${side} ${operator(not)}${ports.length === 1 ? ports[0] : `{ ${ports.join(', ')} }`}`,
    )
  }
}

function stateOption(reading: Reading, not: boolean): void {
  const word = reading.words.next('the states')
  const states = word.toLowerCase().split(',')
  const plain = states.filter((state) => ['new', 'established', 'related', 'invalid', 'untracked'].includes(state))
  if (plain.length === states.length) reading.matches.push(`ct state ${operator(not)}{ ${plain.join(', ')} }`)
  else if (states.length === 1 && (states[0] === 'dnat' || states[0] === 'snat'))
    reading.matches.push(`ct status ${operator(not)}${states[0]}`)
  else reading.words.refuse(word)
}

function icmpOption(kind: 'icmp' | 'icmpv6'): Option {
  return (reading, not, option) => {
    const word = reading.words.next(`the type behind ${option}`)
    const known: Readonly<Record<string, string>> = {
      ping: 'echo-request',
      pong: 'echo-reply',
      echoreply: 'echo-reply',
    }
    if (!/^[a-z0-9-]{1,32}$/.test(word)) reading.words.refuse(word)
    reading.matches.push(`${kind} type ${operator(not)}${known[word] ?? word}`)
  }
}

function typeOption(side: 'saddr' | 'daddr'): Option {
  return (reading, not) => {
    const word = reading.words.next('the type of address').toLowerCase()
    if (!['local', 'unicast', 'broadcast', 'multicast', 'blackhole', 'unreachable', 'prohibit'].includes(word))
      reading.words.refuse(word)
    reading.matches.push(`fib ${side} type ${operator(not)}${word}`)
  }
}

function markMatch(word: string, not: boolean): string {
  const [value, mask] = word.split('/')
  return mask === undefined ? `meta mark ${operator(not)}${value}` : `meta mark & ${mask} ${not ? '!=' : '=='} ${value}`
}

function number({ words }: Reading, what: string): string {
  const word = words.next(what)
  return NUMBER.test(word) ? word : words.refuse(word)
}

function operator(not: boolean): string {
  return not ? '!= ' : ''
}

const REJECTIONS: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'icmp type net-unreachable',
  'icmp-host-unreachable': 'icmp type host-unreachable',
  'icmp-port-unreachable': 'icmp type port-unreachable',
  'icmp-proto-unreachable': 'icmp type prot-unreachable',
  'icmp-net-prohibited': 'icmp type net-prohibited',
  'icmp-host-prohibited': 'icmp type host-prohibited',
  'icmp-admin-prohibited': 'icmp type admin-prohibited',
  'icmp6-no-route': 'icmpv6 type no-route',
  'icmp6-adm-prohibited': 'icmpv6 type admin-prohibited',
  'icmp6-addr-unreachable': 'icmpv6 type addr-unreachable',
  'icmp6-port-unreachable': 'icmpv6 type port-unreachable',
  'tcp-reset': 'tcp reset',
}

function targetOption(reading: Reading): void {
  const name = reading.words.peek() ?? ''
  const built = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined
  if (built === undefined) {
    reading.target = `jump ${chainWord(reading)}`
    return
  }
  reading.words.next('the target')
  reading.target = built(reading)
}

const TARGETS: Readonly<Record<string, (reading: Reading) => string>> = {
  ACCEPT: () => 'accept',
  DROP: () => 'drop',
  RETURN: () => 'return',
  NOTRACK: () => 'notrack',
  REJECT: ({ words, family }) => {
    if (words.take('--reject-with') === undefined)
      return family === 'ip' ? 'reject with icmp type port-unreachable' : 'reject with icmpv6 type port-unreachable'
    const word = words.next('the answer behind --reject-with')
    return Object.hasOwn(REJECTIONS, word) ? `reject with ${REJECTIONS[word]}` : words.refuse(word)
  },
  MASQUERADE: ({ words }) =>
    words.take('--random', '--random-fully') === undefined ? 'masquerade' : 'masquerade random',
  SNAT: (reading) => `snat to ${translation(reading, '--to-source')}`,
  DNAT: (reading) => `dnat to ${translation(reading, '--to-destination')}`,
  REDIRECT: ({ words }) =>
    words.take('--to-ports', '--to-port') === undefined ? 'redirect' : `redirect to :${portWord(words)}`,
  MARK: (reading) => markTarget(reading),
}

function translation({ words, family }: Reading, option: string): string {
  if (words.take(option) === undefined) throw new WhatIfError(`iptables: ${option} is missing`)
  const word = words.next(`the address behind ${option}`)
  const found =
    family === 'ip'
      ? /^([\d.]+)(?::(\d{1,5}))?$/.exec(word)
      : /^(?:\[([0-9a-f:]+)\](?::(\d{1,5}))?|([0-9a-f:]+))$/i.exec(word)
  const address = found?.[1] ?? found?.[3] ?? ''
  if (isIP(address) !== (family === 'ip' ? 4 : 6)) words.refuse(word)
  const port = found?.[2]
  if (port === undefined) return address
  return family === 'ip' ? `${address}:${port}` : `[${address}]:${port}`
}

function portWord(words: WordReader): string {
  const word = words.next('the port')
  return /^\d{1,5}(-\d{1,5})?$/.test(word) ? word : words.refuse(word)
}

function markTarget(reading: Reading): string {
  const { words } = reading
  const option =
    words.take('--set-mark', '--set-xmark', '--or-mark', '--and-mark') ?? words.refuse(words.peek() ?? 'MARK')
  const [value = '0', mask] = number(reading, 'the mark').split('/')
  if (option === '--or-mark') return `meta mark set meta mark | ${value}`
  if (option === '--and-mark') return `meta mark set meta mark & ${value}`
  if (mask === undefined || Number(mask) === 0xffffffff) return `meta mark set ${value}`
  const kept = (~Number(mask) >>> 0).toString(16)
  return `meta mark set meta mark & 0x${kept} ${option === '--set-xmark' ? '^' : '|'} ${value}`
}

function chainWord({ words }: Reading): string {
  const chain = words.next('the target')
  return CHAIN_NAME.test(chain) ? chain : words.refuse(chain)
}

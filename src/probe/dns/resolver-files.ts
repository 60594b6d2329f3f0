/**
 * The files by which programs in a namespace resolve names, understood as the C library does: resolv.conf(5) and hosts(5).
 */
import { isIP } from 'node:net'
import { parseIp } from '../../kernel/index.ts'
import { foldCase } from './domain-name.ts'

/** The files' texts, and whose they are. */
export interface ResolverTexts {
  /** `/etc/netns/blue`, `process 4711`: where they were read. */
  readonly source: string
  /** Undefined when there is no such file. */
  readonly resolvConf: string | undefined
  readonly hosts: string | undefined
}

/** What resolv.conf says. */
export interface ResolverConfiguration {
  /** At most three: the C library passes over the rest (MAXNS in resolv.h). */
  readonly nameservers: readonly string[]
  /** Lines of servers that are passed over: beyond the third, or no address. */
  readonly ignored: readonly string[]
  readonly search: readonly string[]
  /** Names with at least as many dots are asked as they stand before the search list. */
  readonly ndots: number
  /** Seconds for a server's answer. */
  readonly timeout: number
  /** Rounds through the servers. */
  readonly attempts: number
  readonly rotate: boolean
  /** Only TCP. */
  readonly useVc: boolean
  /** Questions tell of EDNS. */
  readonly edns: boolean
  /** A name without dots is not asked as it stands. */
  readonly noTldQuery: boolean
  /** AAAA is not asked. */
  readonly noAaaa: boolean
}

/** A line of hosts. */
export interface HostsEntry {
  readonly address: string
  readonly names: readonly string[]
}

/** Servers that the C library knows of (MAXNS), and bounds of options (RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY in resolv.h). */
const MOST_SERVERS = 3
const MOST_DOTS = 15
const LONGEST_TIMEOUT = 30
const MOST_ATTEMPTS = 5
/** The C library has had no limit since 2.26; ours keeps a hostile file from making us ask for ever. */
const MOST_SEARCHED = 32
const MOST_HOSTS_LINES = 20_000

/** Reads resolv.conf. Without a server in it, the C library asks the one at 127.0.0.1. */
export function parseResolverConfiguration(text: string): ResolverConfiguration {
  const servers: string[] = []
  const options = new Map<string, string>()
  let search: readonly string[] = []
  for (const line of text.split('\n')) {
    // A comment begins with the line; behind a server's address the rest of the line is passed over.
    if (/^[#;]/.test(line)) continue
    const [keyword, ...words] = line.trim().split(/\s+/)
    if (keyword === 'nameserver' && words[0] !== undefined) servers.push(words[0])
    else if (keyword === 'search') search = words
    else if (keyword === 'domain') search = words.slice(0, 1)
    else if (keyword === 'options') for (const word of words) setOption(options, word)
  }
  const usable = servers.filter(isServer).slice(0, MOST_SERVERS)
  return {
    nameservers: usable.length === 0 ? ['127.0.0.1'] : usable,
    ignored: [...servers.filter((server) => !isServer(server)), ...servers.filter(isServer).slice(MOST_SERVERS)],
    search: search.map((domain) => domain.replace(/\.$/, '')).slice(0, MOST_SEARCHED),
    ndots: bounded(options.get('ndots'), 1, 0, MOST_DOTS),
    timeout: bounded(options.get('timeout'), 5, 1, LONGEST_TIMEOUT),
    attempts: bounded(options.get('attempts'), 2, 1, MOST_ATTEMPTS),
    rotate: options.has('rotate'),
    useVc: options.has('use-vc'),
    edns: options.has('edns0'),
    noTldQuery: options.has('no-tld-query'),
    noAaaa: options.has('no-aaaa'),
  }
}

function setOption(options: Map<string, string>, word: string): void {
  const [name = '', value = ''] = word.split(':', 2)
  options.set(name, value)
}

function bounded(text: string | undefined, usual: number, least: number, most: number): number {
  // As atoi(3) reads it: digits at the beginning; none are zero.
  const number = text === undefined ? usual : Number.parseInt(text, 10) || 0
  return Math.min(most, Math.max(least, number))
}

function isServer(word: string): boolean {
  const [address = '', zone] = word.split('%')
  return isIP(address) !== 0 && (zone === undefined || /^[^\s/]{1,15}$/.test(zone))
}

/** Reads hosts; lines without a valid address are passed over. */
export function parseHosts(text: string): HostsEntry[] {
  return text
    .split('\n', MOST_HOSTS_LINES)
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .flatMap(([address = '', ...names]) =>
      isIP(address.split('%')[0]!) === 0 || names.length === 0 ? [] : [{ address, names }],
    )
}

/** Addresses that hosts has for a name, in the order of its lines. */
export function addressesInHosts(hosts: readonly HostsEntry[], name: string): string[] {
  const wanted = foldCase(name.replace(/\.$/, ''))
  return hosts.filter(({ names }) => names.some((known) => foldCase(known) === wanted)).map(({ address }) => address)
}

/** Names that hosts has for an address, the official one of each line. */
export function namesInHosts(hosts: readonly HostsEntry[], address: string): string[] {
  const wanted = parseIp(address)
  return hosts
    .filter((entry) => !entry.address.includes('%') && parseIp(entry.address).equals(wanted))
    .map(({ names }) => names[0]!)
}

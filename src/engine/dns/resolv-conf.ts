/**
 * resolv.conf (resolv.conf(5)): read, changed for a sandbox, written. The host's file is the base; settings of the sandbox
 * replace its name servers, search list or options as a whole. The written file says in comments where it comes from.
 */
import { isIP } from 'node:net'
import type { DnsSettings } from '../model.ts'

/** A file's content. */
export interface ResolvConf {
  readonly nameservers: readonly string[]
  /** Of `nameserver` lines that name no address. */
  readonly invalid: readonly string[]
  readonly search: readonly string[]
  /** `ndots:2`, `rotate` */
  readonly options: readonly string[]
  /** Lines of other kinds, as they were. */
  readonly others: readonly string[]
}

/** What the settings of a sandbox replaced. */
export type Override = 'nameservers' | 'search' | 'options'

/** A file of a sandbox, before it is written. */
export interface SandboxResolvConf extends ResolvConf {
  readonly overrides: readonly Override[]
  readonly warnings: readonly string[]
  readonly kind: 'legacy' | 'internal resolver' | 'host'
  /** Servers that the internal resolver asks; `host` when they came from the host's file. */
  readonly external: readonly { readonly address: string; readonly host: boolean }[]
  readonly ndotsFrom: 'internal' | 'host' | 'override' | undefined
}

/** Public servers, for want of any that a container could reach. */
const DEFAULT_SERVERS = {
  4: ['8.8.8.8', '8.8.4.4'],
  6: ['2001:4860:4860::8888', '2001:4860:4860::8844'],
} as const

/** Reads a file. Of several `search` or `domain` lines the last counts, `options` add up. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = []
  const invalid: string[] = []
  const options: string[] = []
  const others: string[] = []
  let search: readonly string[] = []
  for (const line of text.split('\n')) {
    const [directive = '', ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    const [first] = words
    if (directive === '') continue
    if (directive === 'nameserver') {
      if (first !== undefined) (isNameserver(first) ? nameservers : invalid).push(first)
    } else if (directive === 'search' || directive === 'domain') search = words
    else if (directive === 'options') options.push(...words)
    else others.push(line.trim())
  }
  return { nameservers, invalid, search: search.length === 1 && search[0] === '.' ? [] : search, options, others }
}

function isNameserver(text: string): boolean {
  const [address = '', zone] = text.split('%')
  return isIP(address) !== 0 && (zone === undefined || /^[\w.:@-]{1,15}$/.test(zone))
}

/** The host's settings with what a sandbox has of its own in place of them. Empty lists replace nothing; `.` empties the search. */
export function overrideResolvConf(host: ResolvConf, settings: DnsSettings): SandboxResolvConf {
  const overrides: Override[] = []
  const { servers = [], search = [], options = [] } = settings
  if (servers.length > 0) overrides.push('nameservers')
  if (search.length > 0) overrides.push('search')
  if (options.length > 0) overrides.push('options')
  const merged = {
    ...host,
    ...(servers.length > 0
      ? { nameservers: servers.filter(isNameserver), invalid: servers.filter((it) => !isNameserver(it)) }
      : {}),
    ...(search.length > 0 ? { search: search.length === 1 && search[0] === '.' ? [] : search } : {}),
    ...(options.length > 0 ? { options } : {}),
  }
  const ndotsFrom = ndots(merged.options) === undefined ? undefined : options.length > 0 ? 'override' : 'host'
  return { ...merged, overrides, warnings: [], kind: 'host', external: [], ndotsFrom }
}

/** For a sandbox without a resolver of its own: servers that it cannot reach are left out, public ones stand in for none. */
export function forLegacyNetwork(conf: SandboxResolvConf, { ipv6 }: { readonly ipv6: boolean }): SandboxResolvConf {
  if (conf.overrides.includes('nameservers')) return { ...conf, kind: 'legacy' }
  const reachable = conf.nameservers.filter((address) => !isLoopback(address) && (ipv6 || isIP(address) === 4))
  if (reachable.length > 0) return { ...conf, kind: 'legacy', nameservers: reachable }
  const nameservers = ipv6 ? [...DEFAULT_SERVERS[4], ...DEFAULT_SERVERS[6]] : DEFAULT_SERVERS[4]
  return { ...conf, kind: 'legacy', nameservers, warnings: [...conf.warnings, 'Used default nameservers.'] }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || /^(0*:)*:?0*1$/.test(address)
}

/**
 * For a sandbox with a resolver of its own at `resolver`: it alone is in the file, and asks the others.
 * @param required options that are added unless one of their name is there
 */
export function forInternalResolver(
  conf: SandboxResolvConf,
  resolver: string,
  required: readonly string[],
): SandboxResolvConf {
  const host = !conf.overrides.includes('nameservers')
  // The resolver would ask itself; on the host the same address is another server's.
  const others = conf.nameservers.filter((address) => host || address !== resolver)
  const kept = conf.options.filter((option) => !isBrokenNdots(option))
  const added = required.filter((option) => !kept.some((it) => optionName(it) === optionName(option)))
  const warnings = others.length === 0 ? ['NO EXTERNAL NAMESERVERS DEFINED'] : []
  const options = [...kept, ...added]
  const ndotsFrom = ndots(kept) !== undefined ? conf.ndotsFrom : ndots(options) !== undefined ? 'internal' : undefined
  return {
    ...conf,
    kind: 'internal resolver',
    nameservers: [resolver],
    external: others.map((address) => ({ address, host })),
    options,
    warnings: [...conf.warnings, ...warnings],
    ndotsFrom,
  }
}

function optionName(option: string): string {
  return option.split(':', 1)[0]!
}

function isBrokenNdots(option: string): boolean {
  return optionName(option) === 'ndots' && !/^ndots:\d{1,9}$/.test(option)
}

/** The last valid `ndots`, which is the one that counts. */
export function ndots(options: readonly string[]): number | undefined {
  const last = options.findLast((option) => /^ndots:\d{1,9}$/.test(option))
  return last === undefined ? undefined : Number(last.slice('ndots:'.length))
}

/** Writes a sandbox's file. @param path of the host's file, for the comment */
export function formatResolvConf(conf: SandboxResolvConf, path: string): string {
  const lines = [
    ...conf.nameservers.map((address) => `nameserver ${address}`),
    ...(conf.search.length > 0 ? [`search ${conf.search.join(' ')}`] : []),
    ...(conf.options.length > 0 ? [`options ${conf.options.join(' ')}`] : []),
    ...conf.others,
    '',
    `# Based on host file: '${path}'${conf.kind === 'host' ? '' : ` (${conf.kind})`}`,
    ...conf.warnings.map((warning) => `# ${warning}`),
  ]
  if (conf.external.length > 0) {
    lines.push(
      `# ExtServers: [${conf.external.map(({ address, host }) => (host ? `host(${address})` : address)).join(' ')}]`,
    )
  }
  if (conf.invalid.length > 0) lines.push(`# Invalid nameservers: [${conf.invalid.map(printable).join(' ')}]`)
  lines.push(`# Overrides: [${conf.overrides.join(' ')}]`)
  if (conf.ndotsFrom !== undefined) lines.push(`# Option ndots from: ${conf.ndotsFrom}`)
  return `${lines.join('\n')}\n`
}

/** Text from a file within a comment: one line, not too long. */
function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')
}

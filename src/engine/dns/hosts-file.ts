/** hosts (hosts(5)): lines of an address, a tab, and names. Text in, text out; `sandbox-files.ts` keeps it on disk. */
import { isIP } from 'node:net'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'

/** A line. */
export interface HostsLine {
  readonly address: string
  /** Names with blanks between them. */
  readonly hosts: string
}

/** What every hosts file begins with. */
const DEFAULTS: readonly HostsLine[] = [
  { address: '127.0.0.1', hosts: 'localhost' },
  { address: '::1', hosts: 'localhost ip6-localhost ip6-loopback' },
  { address: 'fe00::', hosts: 'ip6-localnet' },
  { address: 'ff00::', hosts: 'ip6-mcastprefix' },
  { address: 'ff02::1', hosts: 'ip6-allnodes' },
  { address: 'ff02::2', hosts: 'ip6-allrouters' },
]

/** A new file: the usual lines, then `lines`. @throws EngineError option-invalid for a line that would be another */
export function newHosts(lines: readonly HostsLine[]): string {
  return addHosts(DEFAULTS.map(formatLine).join(''), lines)
}

/** Appends lines that are not there yet. @throws EngineError option-invalid for a line that would be another */
export function addHosts(text: string, lines: readonly HostsLine[]): string {
  const present = new Set(text.split('\n'))
  const added = lines.map(formatLine).filter((line) => !present.has(line.slice(0, -1)))
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return ended + added.join('')
}

/** Takes lines away: those that are exactly what `lines` would have written. What people wrote themselves stays. */
export function removeHosts(text: string, lines: readonly HostsLine[]): string {
  const removed = new Set(lines.map((line) => formatLine(line).slice(0, -1)))
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !removed.has(line))
    .map((line) => `${line}\n`)
    .join('')
}

/** The lines of a sandbox's own addresses: its full name, then its short one. None without a host name. */
export function ownLines(addresses: readonly string[], hostname: string, domainname: string): HostsLine[] {
  if (hostname === '') return []
  const hosts = domainname === '' ? hostname : `${hostname}.${domainname} ${hostname}`
  return addresses.map((address) => ({ address: address.split('/', 1)[0]!, hosts }))
}

function formatLine({ address, hosts }: HostsLine): string {
  const names = hosts.split(' ')
  if (isIP(address) === 0) throw new EngineError('option-invalid', `${quote(address)} in a hosts file is no address`)
  if (!names.every((name) => /^[^\s#\p{Cc}]{1,253}$/u.test(name))) {
    throw new EngineError('option-invalid', `${quote(hosts)} cannot be a name in a hosts file`)
  }
  return `${address}\t${hosts}\n`
}

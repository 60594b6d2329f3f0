/** What a word on the command line leads to: an address as it stands, a namespace's, or what FROM's resolver says. */
import { isIP } from 'node:net'
import { type Graph, type NamespaceNode, parseTarget, resolveTarget, TargetUnknownError } from '../../../host/index.ts'
import { hasCode, sourceToward } from '../../../kernel/index.ts'
import { type LookUp, lookUp } from '../../../probe/index.ts'
import { CannotError, type Invocation, UsageError } from '../../command.ts'
import type { Origin } from './origin.ts'

/** Where a probe goes. */
export interface Destination {
  /** The word. */
  readonly label: string
  readonly address: string
  /** How the name was resolved; null for what was no name. */
  readonly lookUp: LookUp | null
}

/** Of which family an address is to be; undefined for any. */
export type WantedFamily = 'ipv4' | 'ipv6' | undefined

/** Milliseconds that a name server is given here, and rounds: a probe is not to hang on a dead resolver for half a minute. */
const DNS_PATIENCE = { milliseconds: 2000, attempts: 2 }

/** The family that `-4` and `-6` ask for. */
export function wantedFamily({ options }: Invocation): WantedFamily {
  if (options['ipv4'] === true && options['ipv6'] === true) throw new UsageError('--ipv4 and --ipv6 exclude each other')
  return options['ipv4'] === true ? 'ipv4' : options['ipv6'] === true ? 'ipv6' : undefined
}

/** @throws CannotError when the word leads nowhere, or not to the wanted family; TargetError when it is ambiguous */
export async function resolveDestination(
  origin: Origin,
  word: string,
  family: WantedFamily,
  signal?: AbortSignal,
): Promise<Destination> {
  if (isIP(word.split('%')[0]!) !== 0) return literal(word, family)
  const meant = parseTarget(word)
  if (meant.kind !== 'bare') {
    return {
      label: word,
      address: addressOf(origin, resolveTarget(word, origin.graph).node, word, family),
      lookUp: null,
    }
  }
  const found = await resolveName(origin, word, family, signal)
  if (found.status === 'found')
    return { label: word, address: reachable(origin, found.addresses, family), lookUp: found }
  const node = namespaceCalled(word, origin.graph)
  if (node !== undefined) return { label: word, address: addressOf(origin, node, word, family), lookUp: null }
  throw new CannotError(
    `${word}: ${nameTrouble(found, origin)}; netwright probe dns ${origin.label} ${word} shows each step`,
  )
}

function literal(word: string, family: WantedFamily): Destination {
  if (family !== undefined && (isIP(word.split('%')[0]!) === 6) !== (family === 'ipv6')) {
    throw new UsageError(`${word} is no ${family === 'ipv6' ? 'IPv6' : 'IPv4'} address`)
  }
  return { label: word, address: word, lookUp: null }
}

async function resolveName(origin: Origin, name: string, family: WantedFamily, signal?: AbortSignal): Promise<LookUp> {
  try {
    return await lookUp({
      ...{ namespace: origin.namespace, name, files: origin.files, ...DNS_PATIENCE },
      ...(family === undefined ? {} : { types: [family === 'ipv4' ? 'A' : 'AAAA'] }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (error instanceof RangeError)
      throw new CannotError(`${word(name)} is neither an address, a target nor a domain name`)
    throw error
  }
}

function word(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

function nameTrouble({ status, configuration }: LookUp, origin: Origin): string {
  const servers = configuration.nameservers.join(', ')
  switch (status) {
    case 'name-unknown':
      return `the name servers of ${origin.label} (${servers}) do not know this name, and no namespace is called so`
    case 'no-data':
      return 'the name exists, and has no address of that kind'
    case 'server-failure':
      return `the name servers of ${origin.label} (${servers}) could not say what it stands for`
    case 'refused':
      return `nothing listens at the name servers of ${origin.label} (${servers})`
    case 'interrupted':
      return 'looking it up was interrupted'
    default:
      return `no name server of ${origin.label} (${servers}) answers`
  }
}

function namespaceCalled(word: string, graph: Graph): NamespaceNode | undefined {
  try {
    return resolveTarget(word, graph).node
  } catch (error) {
    if (error instanceof TargetUnknownError) return undefined
    throw error
  }
}

/** The address of a namespace that FROM would use: one on a subnet that both have, else the first to which a route leads. */
function addressOf(origin: Origin, node: NamespaceNode, word: string, family: WantedFamily): string {
  const theirs = addressesOf(origin.graph, node)
  const ours = addressesOf(origin.graph, origin.node).map(({ subnet }) => subnet)
  if (node.inode === origin.node.inode) return ownAddress(theirs, family)
  const sorted = theirs.toSorted((a, b) => Number(ours.includes(b.subnet)) - Number(ours.includes(a.subnet)))
  if (sorted.length === 0)
    throw new CannotError(`${word} has no address that could be probed; netwright show ${word} shows it`)
  return reachable(
    origin,
    sorted.map(({ address }) => address),
    family,
  )
}

function ownAddress(theirs: readonly HeldAddress[], family: WantedFamily): string {
  const own = theirs.find(({ address }) => family === undefined || (isIP(address) === 6) === (family === 'ipv6'))
  return own?.address ?? (family === 'ipv6' ? '::1' : '127.0.0.1')
}

interface HeldAddress {
  readonly address: string
  /** With its prefix length, to be compared. */
  readonly subnet: string
}

/** Those of interfaces that are up; link-local ones would need an interface of FROM's. */
function addressesOf(graph: Graph, node: NamespaceNode): HeldAddress[] {
  const links = graph.interfaces.filter(
    ({ namespace, kind, up }) => namespace === node.inode && kind !== 'loopback' && up,
  )
  return links
    .flatMap(({ addresses }) => addresses)
    .filter((text) => !/^fe[89ab]/i.test(text))
    .map((text) => {
      const [address = '', length = ''] = text.split('/')
      return { address, subnet: subnetOf(address, Number(length)) }
    })
}

function subnetOf(address: string, length: number): string {
  const bits = isIP(address) === 4 ? ipv4Bits(address) : ipv6Bits(address)
  return `${isIP(address)}/${bits.slice(0, length)}`
}

function ipv4Bits(address: string): string {
  return address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
}

function ipv6Bits(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const all = [
    ...first,
    ...Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => '0'),
    ...last,
  ]
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}

/** The first address of the family that FROM has a route to; without any, the first, so that the probe says what is wrong. */
function reachable(origin: Origin, addresses: readonly string[], family: WantedFamily): string {
  const fitting = addresses.filter(
    (it) => family === undefined || (isIP(it.split('%')[0]!) === 6) === (family === 'ipv6'),
  )
  const [first] = fitting
  if (first === undefined) throw new CannotError(`there is no address of the family that --${family} asks for`)
  return fitting.find((address) => hasRoute(origin, address)) ?? first
}

function hasRoute(origin: Origin, address: string): boolean {
  try {
    sourceToward(origin.namespace, address)
    return true
  } catch (error) {
    if (hasCode(error, 'ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'ENETDOWN', 'EADDRNOTAVAIL', 'EINVAL', 'ENODEV'))
      return false
    throw error
  }
}

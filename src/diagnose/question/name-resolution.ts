/** A name, resolved as the programs of a namespace would: hosts, then name servers, or without sending anything. */
import { isIP } from 'node:net'
import { type LookUp, type LookUpInit, lookUp } from '../../probe/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { QuestionError } from './question-error.ts'
import { recordedAddresses } from './recorded-name.ts'
import { type NameSources, readNameSources } from './resolver-texts.ts'

/** What is to be resolved. */
export interface NameInit {
  readonly scene: Scene
  readonly from: Place
  readonly name: string
  readonly packets: boolean
  /** Milliseconds for each answer of a server. */
  readonly patience: number
}

/** What was found, or how it failed. */
export type NameResolution =
  | {
      readonly kind: 'found'
      readonly addresses: readonly string[]
      readonly how: readonly string[]
      readonly lookUp?: LookUp
    }
  | { readonly kind: 'failed'; readonly sources: NameSources; readonly lookUp: LookUp | undefined }

/** Rounds of patience for all servers and names of the search list together. */
const MOST_ROUNDS = 3

/**
 * Resolves a name.
 * @throws QuestionError when it is no name, or only a name server knows it and none may be asked
 */
export async function resolveName(init: NameInit): Promise<NameResolution> {
  const { from, name, packets } = init
  const sources = readNameSources(from.node)
  if (/^localhost\.?$/i.test(name) && !inHosts(sources, name)) {
    return { kind: 'found', addresses: ['127.0.0.1', '::1'], how: [`${name} is the namespace itself (RFC 6761)`] }
  }
  if (!packets) return withoutPackets(init, sources)
  const texts = sources.files ? sources.texts : { ...sources.texts, hosts: undefined }
  if (!sources.dns && !inHosts(sources, name)) return { kind: 'failed', sources, lookUp: undefined }
  const found = await ask(init, { files: texts })
  if (found.status !== 'found') return { kind: 'failed', sources, lookUp: found }
  return { kind: 'found', addresses: found.addresses, how: [wayOf(found)], lookUp: found }
}

/** Asks for a name's addresses, with patience for all together. @throws QuestionError when it is no domain name */
export async function ask(
  { from, name, patience }: Pick<NameInit, 'from' | 'name' | 'patience'>,
  more: Pick<LookUpInit, 'files'> & Partial<LookUpInit>,
): Promise<LookUp> {
  try {
    return await lookUp({
      namespace: from.namespace,
      name,
      milliseconds: patience,
      attempts: 1,
      signal: AbortSignal.timeout(patience * MOST_ROUNDS),
      ...more,
    })
  } catch (error) {
    if (error instanceof RangeError) {
      throw new QuestionError(`"${name}" is neither a target on this host, nor an address, nor a name`)
    }
    throw error
  }
}

function withoutPackets({ scene, from, name }: NameInit, sources: NameSources): NameResolution {
  const hosts = sources.files ? addressesInHosts(sources.texts.hosts ?? '', name) : []
  if (hosts.length > 0)
    return { kind: 'found', addresses: hosts, how: [hostsSentence(name, hosts, sources.texts.source)] }
  const recorded = recordedAddresses(scene, from, name)
  if (recorded.length > 0) {
    return { kind: 'found', addresses: recorded, how: [`${name} is on record as ${recorded.join(', ')}`] }
  }
  throw new QuestionError(
    `"${name}" is known to name servers at most, and asking them sends packets: leave --predict away, or give an address`,
  )
}

/** Lines of hosts(5) for a name. */
export function addressesInHosts(text: string, name: string): readonly string[] {
  const wanted = name.replace(/\.$/, '').toLowerCase()
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return isIP(address) !== 0 && names.some((known) => known.toLowerCase() === wanted) ? [address] : []
  })
}

function inHosts({ files, texts }: NameSources, name: string): boolean {
  return files && addressesInHosts(texts.hosts ?? '', name).length > 0
}

function wayOf({ name, foundAs, answeredBy, addresses, source }: LookUp): string {
  if (answeredBy === 'hosts') return hostsSentence(name, addresses, source)
  const full = foundAs === null || foundAs === name ? '' : ` as ${foundAs}`
  return `${name} is ${addresses.join(', ')}, says the name server ${answeredBy}${full}`
}

function hostsSentence(name: string, addresses: readonly string[], source: string): string {
  return `${name} is ${addresses.join(', ')}, says the hosts file of ${source}`
}

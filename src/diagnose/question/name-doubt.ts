/** Whether a name led to the wrong address: asked when the flow to that address does not arrive. */
import type { LookUp } from '../../probe/index.ts'
import type { Place } from '../scene/place.ts'
import { ask, type NameInit } from './name-resolution.ts'
import { causePlace } from './names-of-place.ts'
import type { NamedCause } from './question.ts'
import { readNameSources } from './resolver-texts.ts'

/** Doubts a name's address; undefined when there is no reason to. */
export async function doubtName(init: NameInit, found: LookUp, address: string): Promise<NamedCause | undefined> {
  if (found.answeredBy === 'hosts') return contradictedByServers(init, found, address)
  if (found.foundAs !== null && found.foundAs !== found.name && found.name.includes('.')) {
    return changedBySearch(init, found, address)
  }
  return undefined
}

async function contradictedByServers(init: NameInit, found: LookUp, address: string): Promise<NamedCause | undefined> {
  const { from, name } = init
  const { texts, dns } = readNameSources(from.node)
  if (!dns) return undefined
  const asked = await ask(init, { files: { ...texts, hosts: undefined } })
  if (asked.status !== 'found' || asked.addresses.includes(address)) return undefined
  const summary = `The hosts file of ${from.label} (${found.source}) says that ${name} is ${address}; the name server ${asked.answeredBy} says ${asked.addresses.join(', ')}.`
  return misleading(from, summary, [
    { fact: `/etc/hosts of ${found.source}: ${address} ${name}`, source: 'hosts' },
    { fact: `${asked.answeredBy} says that ${name} is ${asked.addresses.join(', ')}`, source: 'dns' },
  ])
}

async function changedBySearch(init: NameInit, found: LookUp, address: string): Promise<NamedCause | undefined> {
  const { from, name } = init
  const { texts } = readNameSources(from.node)
  const asked = await ask({ ...init, name: `${name}.` }, { files: { ...texts, hosts: undefined } })
  if (asked.status !== 'found' || asked.addresses.includes(address)) return undefined
  const summary = `The search list of ${from.label} (${found.source}) turns ${name} into ${found.foundAs}, which is ${address}; ${name} itself is ${asked.addresses.join(', ')}.`
  return misleading(from, summary, [
    {
      fact: `resolv.conf of ${found.source}: search ${found.configuration.search.join(' ')}, ndots ${found.configuration.ndots}`,
      source: 'resolv.conf',
    },
    { fact: `${asked.answeredBy} says that ${name} is ${asked.addresses.join(', ')}`, source: 'dns' },
  ])
}

function misleading(from: Place, summary: string, evidence: NamedCause['cause']['evidence']): NamedCause {
  return { cause: { code: 'dns-misconfigured', where: causePlace(from), summary, evidence }, fix: null }
}

/** Options of networks that stand on an interface of the host. */
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'

/** Option with the parent's name. */
export const PARENT = 'parent'

/** VLAN numbers that frames can carry; 0 and 4095 mean something else (IEEE 802.1Q). */
const VLAN_MOST = 4094

/** The parent that was asked for; undefined when the network is to have one of its own. @throws EngineError option-invalid */
export function askedParent(network: NetworkRecord): string | undefined {
  const name = network.options[PARENT]
  if (name === undefined || name === '') return undefined
  if (name === 'lo') throw invalid(network, PARENT, name, 'the loopback interface cannot carry others')
  if (/^[\w.@+-]{1,15}$/.test(name) && name !== '.' && name !== '..') return name
  throw invalid(network, PARENT, name, 'it may be 1 to 15 letters, digits and ._@+-')
}

/** True when nothing of the network gets out: it was asked to be internal, or has no parent that leads anywhere. */
export function isClosed(network: NetworkRecord): boolean {
  return network.internal || (network.options[PARENT] ?? '') === ''
}

/** The VLAN that a parent's name asks for: `eth0.10` is number 10 on eth0. Undefined for other names. */
export function vlanOf(name: string): { readonly base: string; readonly id: number } | undefined {
  const [, base, digits] = /^(.+)\.(\d{1,4})$/.exec(name) ?? []
  const id = Number(digits)
  return base === undefined || base === 'lo' || id < 1 || id > VLAN_MOST ? undefined : { base, id }
}

/** An option that is one of a few words; the first of them when it is left out. @throws EngineError option-invalid */
export function choice<T extends string>(network: NetworkRecord, option: string, words: readonly [T, ...T[]]): T {
  const value = network.options[option]
  if (value === undefined || value === '') return words[0]
  const word = words.find((each) => each === value)
  if (word === undefined) throw invalid(network, option, value, `it may be ${words.join(', ')}`)
  return word
}

function invalid(network: NetworkRecord, option: string, value: string, why: string): EngineError {
  const shown = JSON.stringify(value.slice(0, 80))
  return new EngineError('option-invalid', `option ${option} of network ${network.name} is ${shown}: ${why}`, {
    network: network.id,
  })
}

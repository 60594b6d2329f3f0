/** What a node inherits: its own definition before its group's, before its kind's, before the defaults. Maps are merged. */
import type { NodeDefinition } from './node-definition.ts'

/** The definitions that nodes inherit from. */
export interface Ancestors {
  readonly defaults: NodeDefinition | undefined
  readonly kinds: ReadonlyMap<string, NodeDefinition>
  readonly groups: ReadonlyMap<string, NodeDefinition>
}

/** A node's definition with everything that it inherits; `kindWord` decides which kind's definition counts. */
export function inherited(
  own: NodeDefinition,
  ancestors: Ancestors,
): {
  readonly definition: NodeDefinition
  readonly kindWord: string | undefined
  readonly groupWord: string | undefined
} {
  const groupWord = own.group ?? ancestors.defaults?.group
  const group = groupWord === undefined ? undefined : ancestors.groups.get(groupWord)
  const kindWord = own.kind ?? group?.kind ?? ancestors.defaults?.kind
  const kind = kindWord === undefined ? undefined : ancestors.kinds.get(kindWord)
  const lines = [ancestors.defaults, kind, group, own].filter((definition) => definition !== undefined)
  return { definition: lines.reduce(merge), kindWord, groupWord }
}

function merge(general: NodeDefinition, special: NodeDefinition): NodeDefinition {
  return {
    ...general,
    ...special,
    ...mergedMap(general, special, 'environment'),
    ...mergedMap(general, special, 'labels'),
    ...mergedMap(general, special, 'sysctls'),
    ...mergedMap(general, special, 'addresses'),
    ...mergedMap(general, special, 'stages'),
    // The field's format adds these up: what is bound for all of a kind is not lost by a bind of one node.
    ...addedList(general, special, 'binds'),
    ...addedList(general, special, 'exec'),
    ...addedList(general, special, 'environmentFiles'),
  }
}

function mergedMap(
  general: NodeDefinition,
  special: NodeDefinition,
  field: 'environment' | 'labels' | 'sysctls' | 'addresses' | 'stages',
): Partial<NodeDefinition> {
  if (general[field] === undefined && special[field] === undefined) return {}
  return { [field]: { ...general[field], ...special[field] } }
}

function addedList(
  general: NodeDefinition,
  special: NodeDefinition,
  field: 'binds' | 'exec' | 'environmentFiles',
): Partial<NodeDefinition> {
  if (general[field] === undefined && special[field] === undefined) return {}
  return { [field]: [...new Set([...(general[field] ?? []), ...(special[field] ?? [])])] }
}

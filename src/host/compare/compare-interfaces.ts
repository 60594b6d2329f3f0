/** What happened to interfaces. */
import type { InterfaceNode } from '../graph.ts'
import { farEndOf, parentLinkOf } from '../pictures/graph-index.ts'
import { type ChangeKind, type GraphChange, interfaceWords, type Moment, titleOf } from './change.ts'
import { missingFrom } from './compare-namespaces.ts'
import { type Comparison, type Place, placeOfEarlier, placeOfLater } from './comparison.ts'
import type { InterfacePair } from './match-interfaces.ts'

/** Changes of interfaces. Interfaces of namespaces that came or went as a whole are told with those. */
export function compareInterfaces(comparison: Comparison): GraphChange[] {
  const { before, after, namespaces, interfaces } = comparison
  const vanished = new Set(namespaces.vanished.map((node) => node.inode))
  const appeared = new Set(namespaces.appeared.map((node) => node.inode))
  const removed = interfaces.removed.filter((node) => !vanished.has(node.namespace))
  const added = interfaces.added.filter((node) => !appeared.has(node.namespace))
  return [
    ...removed.map((node) => presence('interface-removed', before, placeOfEarlier(comparison, node.namespace), node)),
    ...added.map((node) => presence('interface-added', after, placeOfLater(after, node.namespace), node)),
    ...interfaces.pairs.flatMap((pair) => comparePair(comparison, pair)),
  ]
}

function presence(
  kind: 'interface-added' | 'interface-removed',
  moment: Moment,
  place: Place,
  node: InterfaceNode,
): GraphChange {
  const added = kind === 'interface-added'
  const joined = joinWords(moment, node)
  const facts = [node.kind, ...node.addresses.filter((address) => !/^fe80:/i.test(address)), ...joined].join(', ')
  const summary = added ? `new interface ${node.name} (${facts})` : `${node.name} was removed (${facts})`
  return {
    kind,
    ...place,
    interface: node.name,
    summary,
    before: added ? null : node.id,
    after: added ? node.id : null,
  }
}

/** What an interface is or was joined to. */
function joinWords(moment: Moment, node: InterfaceNode): string[] {
  const far = farEndOf(moment.index, node.id)?.interface
  const parent = parentLinkOf(moment.index, node.id)?.to
  return [
    ...(far === undefined ? [] : [`joined with ${interfaceWords(moment, far.id, node.namespace)}`]),
    ...(parent == null ? [] : [`on ${interfaceWords(moment, parent, node.namespace)}`]),
    ...(node.master === null ? [] : [`port of ${interfaceWords(moment, node.master, node.namespace)}`]),
  ]
}

/** Makes a change of one interface. */
type MakeChange = (
  kind: ChangeKind,
  summary: string,
  was: GraphChange['before'],
  is: GraphChange['after'],
) => GraphChange

function comparePair(comparison: Comparison, pair: InterfacePair): GraphChange[] {
  const place = placeOfLater(comparison.after, pair.after.namespace)
  const change: MakeChange = (kind, summary, was, is) => ({
    kind,
    ...place,
    interface: pair.after.name,
    summary: `${pair.after.name} ${summary}`,
    before: was,
    after: is,
  })
  return [
    ...compareIdentity(comparison, pair, change),
    ...compareState(pair, change),
    ...compareAddresses(pair, change),
    ...compareMaster(comparison, pair, change),
    ...compareSettings(pair, change),
  ]
}

/** Whether it is the same interface, under the same name, in the same namespace. */
function compareIdentity(
  comparison: Comparison,
  { before, after, replaced }: InterfacePair,
  change: MakeChange,
): GraphChange[] {
  const changes: GraphChange[] = []
  // In a new namespace every interface is new: saying so of each would hide what differs.
  if (replaced && !comparison.replacedNamespaces.has(after.namespace))
    changes.push(change('interface-replaced', 'was deleted and made again', before.id, after.id))
  const home = comparison.laterInode.get(before.namespace)
  if (home !== after.namespace) {
    const from = home === undefined ? titleOf(comparison.before, before.namespace) : titleOf(comparison.after, home)
    changes.push(change('interface-moved', `was moved here from ${from}`, before.id, after.id))
  }
  if (before.name !== after.name) {
    changes.push(change('interface-renamed', `was called ${before.name}`, before.name, after.name))
  }
  return changes
}

function compareState({ before, after }: InterfacePair, change: MakeChange): GraphChange[] {
  const changes: GraphChange[] = []
  if (before.up !== after.up) {
    changes.push(
      change(after.up ? 'interface-up' : 'interface-down', after.up ? 'came up' : 'went down', before.up, after.up),
    )
  } else if (before.carrier !== after.carrier) {
    const summary = after.carrier ? 'has a carrier again' : 'lost its carrier'
    changes.push(change('carrier', summary, before.carrier, after.carrier))
  }
  if (before.mtu !== after.mtu) {
    changes.push(change('mtu', `has MTU ${after.mtu}, was ${before.mtu}`, before.mtu, after.mtu))
  }
  if (before.mac !== after.mac) {
    changes.push(change('mac', `has MAC ${after.mac ?? 'none'}, was ${before.mac ?? 'none'}`, before.mac, after.mac))
  }
  return changes
}

function compareAddresses({ before, after }: InterfacePair, change: MakeChange): GraphChange[] {
  return [
    ...missingFrom(after.addresses, before.addresses).map((address) =>
      change('address-removed', `lost address ${address}`, address, null),
    ),
    ...missingFrom(before.addresses, after.addresses).map((address) =>
      change('address-added', `got address ${address}`, null, address),
    ),
  ]
}

function compareMaster(comparison: Comparison, { before, after }: InterfacePair, change: MakeChange): GraphChange[] {
  const same = before.master === null ? null : laterMaster(comparison, before.master)
  if (same === after.master) return []
  const was = before.master === null ? null : interfaceWords(comparison.before, before.master, before.namespace)
  const is = after.master === null ? null : interfaceWords(comparison.after, after.master, after.namespace)
  if (is === null) return [change('master', `is no longer a port of ${was}`, was, null)]
  return [change('master', was === null ? `became a port of ${is}` : `is a port of ${is}, was of ${was}`, was, is)]
}

/** A master that was gone already keeps its id: it dangles as before. */
function laterMaster(comparison: Comparison, id: string): string {
  if (!comparison.before.index.interfaces.has(id)) return id
  return comparison.interfaces.later.get(id) ?? `gone ${id}`
}

/** Settings of the kind and of the bridge port: those with a plain value. */
function compareSettings({ before, after }: InterfacePair, change: MakeChange): GraphChange[] {
  if (before.kind !== after.kind) return []
  return [after.kind, 'bridgePort'].flatMap((group) => {
    const [was, is] = [settingsOf(before, group), settingsOf(after, group)]
    // A port that joined or left has all of its settings new or gone.
    if (was === undefined || is === undefined) return []
    const names = [...new Set([...was.keys(), ...is.keys()])]
    return names.flatMap((name) => {
      const [old, now] = [was.get(name) ?? null, is.get(name) ?? null]
      const title = group === 'bridgePort' ? 'bridge port' : group
      return old === now
        ? []
        : [change('setting', `has ${title} ${name} ${now ?? 'unset'}, was ${old ?? 'unset'}`, old, now)]
    })
  })
}

function settingsOf(node: InterfaceNode, group: string): Map<string, string | number | boolean> | undefined {
  const settings = Object.hasOwn(node.details, group) ? node.details[group] : undefined
  if (typeof settings !== 'object' || settings === null) return undefined
  const plain = Object.entries(settings).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value))
  return new Map(plain)
}

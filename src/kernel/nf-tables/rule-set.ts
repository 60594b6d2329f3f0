/**
 * The rule set of nf_tables in one namespace, as one consistent value: what nft and iptables-nft wrote. Read by netlink, not
 * through libnftables, because a survey asks a hundred namespaces, most of which have none.
 */

import { hasCode } from '../errors.ts'
import type { AttributesOf } from '../netlink/attributes.ts'
import { NetlinkProtocol } from '../netlink/channel.ts'
import type { MessageKind, MessageOf } from '../netlink/message.ts'
import { DumpInterruptedError } from '../netlink/refusal.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import type { NfExpression } from './expression.ts'
import { expressionTables } from './expression-tables.ts'
import type { NfBase, NfChain, NfElement, NfFamily, NfFlowtable, NfHook, NfObject, NfSet, NfTable } from './nf-table.ts'
import {
  NfTablesMessage,
  nfChain,
  type nfElement,
  nfElements,
  nfFlowtable,
  nfGeneration,
  nfObject,
  nfRule,
  nfSet,
  nfTable,
} from './nf-tables-message.ts'

const families = new Map<number, NfFamily>([
  [1, 'inet'],
  [2, 'ip'],
  [3, 'arp'],
  [5, 'netdev'],
  [7, 'bridge'],
  [10, 'ip6'],
])
const inetHooks: readonly NfHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress']
/** Numbers of hooks by family (linux/netfilter.h, netfilter_arp.h, netfilter_bridge.h). */
const hooks: Record<NfFamily, readonly NfHook[]> = {
  ip: inetHooks,
  ip6: inetHooks,
  inet: inetHooks,
  arp: ['input', 'output', 'forward'],
  bridge: inetHooks,
  netdev: ['ingress', 'egress'],
}

const TABLE_DORMANT = 1
const SetFlag = { anonymous: 1, interval: 4, map: 8, object: 0x40 } as const
const ElementFlag = { intervalEnd: 1 } as const
/** Rule sets that change while they are read are read again this often. */
const ATTEMPTS = 10

/**
 * Reads all tables of a namespace; empty when there are none. Nothing is changed or made by it.
 * @throws NetlinkError EPERM without CAP_NET_ADMIN
 * @throws DumpInterruptedError when the rule set changed during every attempt
 */
export function readNfTables(namespace: NamespaceHandle): NfTable[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.netfilter, namespace)
  try {
    return dumpNfTables(socket)
  } finally {
    socket.close()
  }
}

/** As `readNfTables`, by a socket that is open. */
export function dumpNfTables(socket: NetlinkSocket): NfTable[] {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // Without any table, which is so in most namespaces, this one question is all.
    if (dump(socket, 'NFT_MSG_GETTABLE', NfTablesMessage.getTable, nfTable).length === 0) return []
    const before = generation(socket)
    const parts = readParts(socket)
    if (parts !== undefined && generation(socket) === before) return assemble(parts)
  }
  throw new DumpInterruptedError('NFT_MSG_GETRULE', ATTEMPTS)
}

type SetMessage = MessageOf<typeof nfSet>

interface Parts {
  readonly tables: readonly MessageOf<typeof nfTable>[]
  readonly chains: readonly MessageOf<typeof nfChain>[]
  readonly rules: readonly MessageOf<typeof nfRule>[]
  readonly sets: readonly { readonly set: SetMessage; readonly elements: readonly Element[] }[]
  readonly objects: readonly MessageOf<typeof nfObject>[]
  readonly flowtables: readonly MessageOf<typeof nfFlowtable>[]
}

type Element = AttributesOf<(typeof nfElement)['fields']>

/** Everything in the tables; undefined when a set went away meanwhile. */
function readParts(socket: NetlinkSocket): Parts | undefined {
  const tables = dump(socket, 'NFT_MSG_GETTABLE', NfTablesMessage.getTable, nfTable)
  const chains = dump(socket, 'NFT_MSG_GETCHAIN', NfTablesMessage.getChain, nfChain)
  const rules = dump(socket, 'NFT_MSG_GETRULE', NfTablesMessage.getRule, nfRule)
  const sets = dump(socket, 'NFT_MSG_GETSET', NfTablesMessage.getSet, nfSet)
  const objects = dump(socket, 'NFT_MSG_GETOBJ', NfTablesMessage.getObject, nfObject)
  const flowtables = dump(socket, 'NFT_MSG_GETFLOWTABLE', NfTablesMessage.getFlowtable, nfFlowtable)
  try {
    return {
      tables,
      chains,
      rules,
      objects,
      flowtables,
      sets: sets.map((set) => ({ set, elements: readElements(socket, set) })),
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function dump<T>(socket: NetlinkSocket, operation: string, type: number, kind: MessageKind<T>): T[] {
  return socket.dump({ operation, type, kind, body: {}, reply: kind })
}

function readElements(socket: NetlinkSocket, { family, table, name }: SetMessage): Element[] {
  const lists = socket.dump({
    operation: 'NFT_MSG_GETSETELEM',
    type: NfTablesMessage.getSetElements,
    kind: nfElements,
    body: { family, ...(table === undefined ? {} : { table }), ...(name === undefined ? {} : { set: name }) },
    reply: nfElements,
  })
  return lists.flatMap(({ elements }) => elements ?? [])
}

function generation(socket: NetlinkSocket): number {
  const { id } = socket.get({
    operation: 'NFT_MSG_GETGEN',
    type: NfTablesMessage.getGeneration,
    kind: nfGeneration,
    body: {},
    reply: nfGeneration,
  })
  return id ?? 0
}

function assemble(parts: Parts): NfTable[] {
  const rulesByChain = grouped(parts.rules, (rule) => `${rule.family} ${rule.table} ${rule.chain}`)
  const chainsByTable = grouped(parts.chains, tableKey)
  const setsByTable = grouped(parts.sets, ({ set }) => tableKey(set))
  const objectsByTable = grouped(parts.objects, tableKey)
  const flowtablesByTable = grouped(parts.flowtables, tableKey)
  return parts.tables.flatMap(({ family: number, name = '', flags = 0, handle }) => {
    const family = families.get(number)
    if (family === undefined) return []
    const key = `${number} ${name}`
    return {
      family,
      name,
      handle: Number(handle ?? 0),
      dormant: (flags & TABLE_DORMANT) !== 0,
      chains: (chainsByTable.get(key) ?? []).map((chain) =>
        chainOf(chain, family, rulesByChain.get(`${key} ${chain.name}`) ?? []),
      ),
      sets: (setsByTable.get(key) ?? []).map(({ set, elements }) => setOf(set, elements)),
      objects: (objectsByTable.get(key) ?? []).map(objectOf),
      flowtables: (flowtablesByTable.get(key) ?? []).map(flowtableOf),
    }
  })
}

function tableKey({ family, table }: { readonly family: number; readonly table?: string }): string {
  return `${family} ${table}`
}

function grouped<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}

function chainOf(
  chain: MessageOf<typeof nfChain>,
  family: NfFamily,
  rules: readonly MessageOf<typeof nfRule>[],
): NfChain {
  return {
    name: chain.name ?? '',
    handle: Number(chain.handle ?? 0),
    base: baseOf(chain, family),
    rules: rules.map((rule) => ({
      handle: Number(rule.handle ?? 0),
      expressions: rule.expressions ?? [],
      compatProtocol: rule.compat?.protocol,
      userData: rule.userData,
    })),
  }
}

function baseOf({ hook, type, policy }: MessageOf<typeof nfChain>, family: NfFamily): NfBase | undefined {
  const name = hook === undefined ? undefined : hooks[family][hook.number ?? 0]
  if (hook === undefined || name === undefined) return undefined
  return {
    hook: name,
    priority: (hook.priority ?? 0) | 0,
    type: type ?? 'filter',
    policy: policy === 0 ? 'drop' : 'accept',
    devices: hook.devices?.names ?? (hook.device === undefined ? [] : [hook.device]),
  }
}

function setOf(set: SetMessage, elements: readonly Element[]): NfSet {
  const flags = set.flags ?? 0
  return {
    name: set.name ?? '',
    handle: Number(set.handle ?? 0),
    anonymous: (flags & SetFlag.anonymous) !== 0,
    interval: (flags & SetFlag.interval) !== 0,
    isMap: (flags & (SetFlag.map | SetFlag.object)) !== 0,
    fields: (set.description?.fields ?? []).map(({ length }) => length ?? 0),
    keyLength: set.keyLength ?? 0,
    elements: elements.map(elementOf),
  }
}

function elementOf({ key, keyEnd, data, flags = 0, object, expression, expressions }: Element): NfElement {
  return {
    key: key?.value,
    keyEnd: keyEnd?.value,
    intervalEnd: (flags & ElementFlag.intervalEnd) !== 0,
    data,
    object,
    expressions: expressions ?? (expression === undefined ? [] : [expression]),
  }
}

function flowtableOf({ name, handle, hook }: MessageOf<typeof nfFlowtable>): NfFlowtable {
  return {
    name: name ?? '',
    handle: Number(handle ?? 0),
    priority: (hook?.priority ?? 0) | 0,
    devices: hook?.devices?.names ?? [],
  }
}

/** Expressions whose attributes the objects of a kind have (NFT_OBJECT_*). */
const objectExpressions = new Map<number, 'counter' | 'quota' | 'limit' | 'connlimit' | 'synproxy'>([
  [1, 'counter'],
  [2, 'quota'],
  [4, 'limit'],
  [5, 'connlimit'],
  [10, 'synproxy'],
])

function objectOf({ name, type = 0, data }: MessageOf<typeof nfObject>): NfObject {
  const kind = objectExpressions.get(type)
  const state =
    kind === undefined || data === undefined
      ? undefined
      : { kind, ...expressionTables[kind].read(data, 0, data.length) }
  return { name: name ?? '', type, state: state as NfExpression | undefined }
}

/** The family of a number, of those that nf_tables has. */
export function familyOf(number: number): NfFamily | undefined {
  return families.get(number)
}

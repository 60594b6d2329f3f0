/** What on this host keeps a network from working: filters of others that drop its packets, and the commands against them. */
import type { NftObject } from '../../../kernel/index.ts'
import type { NetworkRecord } from '../../model.ts'
import type { Obstacle } from '../driver.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { LEGACY_PREFIX } from './legacy-filter.ts'
import type { ThoughtPacket } from './packet-match.ts'
import { type DropPoint, FilterMap } from './packet-walk.ts'
import { poolOf } from './pools.ts'
import { TABLE } from './table.ts'

/** What a host's filters are judged for. */
export interface Judged {
  readonly network: NetworkRecord
  readonly settings: BridgeSettings
  /** Interface that the host's default route leads to, by family; undefined where there is none. */
  readonly uplinks: { readonly 4: string | undefined; readonly 6: string | undefined }
  /** Frames on bridges pass the rules for packets (bridge-nf-call-iptables). */
  readonly bridgeFiltered: boolean
}

/** A kind of traffic that a network is there for. */
interface Traffic {
  readonly what: string
  readonly packet: ThoughtPacket
}

/** A place where packets get lost, and the kinds of them. */
interface Loss {
  readonly point: DropPoint
  readonly whats: string[]
}

const HOOKS = ['prerouting', 'forward', 'postrouting'] as const

/** Filters of others that drop for certain what the network lives from. @param objects the host's whole rule set */
export function filterObstacles(objects: readonly NftObject[], judged: Judged): Obstacle[] {
  const foreign = new FilterMap(objects.filter((object) => !isOurs(object)))
  return ([4, 6] as const).flatMap((family) => {
    const losses = new Map<unknown, Loss>()
    for (const { what, packet } of trafficOf(judged, family)) {
      for (const base of HOOKS.flatMap((hook) => foreign.baseChains(hook, family))) {
        const point = foreign.dropPoint(packet, base)
        if (point === undefined) continue
        const key = point.rule ?? point.base
        const known = losses.get(key)
        if (known === undefined) losses.set(key, { point, whats: [what] })
        else known.whats.push(what)
      }
    }
    return [...losses.values()].map((loss) => obstacle(loss, judged, family, foreign))
  })
}

function isOurs(object: NftObject): boolean {
  const [one] = Object.values(object) as { readonly table?: string; readonly name?: string }[]
  return one?.table === TABLE || ('table' in object && object.table.name === TABLE)
}

function trafficOf({ network, settings, uplinks, bridgeFiltered }: Judged, family: 4 | 6): Traffic[] {
  const pool = poolOf(network, family)?.pool
  if (pool === undefined) return []
  const { bridgeName: bridge } = settings
  const uplink = uplinks[family]
  const inner = { family, iif: bridge, source: pool, translated: false } as const
  const outer = { family, iif: uplink, oif: bridge, source: undefined, destination: pool } as const
  const within: Traffic = {
    what: 'what its containers send each other',
    packet: { ...inner, oif: bridge, destination: pool, state: 'new' },
  }
  const beyond: Traffic[] = [
    { what: 'what its containers send out', packet: { ...inner, oif: uplink, destination: undefined, state: 'new' } },
    { what: 'the answers to them', packet: { ...outer, state: 'established', translated: false } },
    { what: 'connections to its published ports', packet: { ...outer, state: 'new', translated: true } },
  ]
  return [...(bridgeFiltered && settings.icc ? [within] : []), ...(network.internal ? [] : beyond)]
}

function obstacle({ point, whats }: Loss, { network, settings }: Judged, family: 4 | 6, filters: FilterMap): Obstacle {
  const { base, rule } = point
  const legacy = base.table.startsWith(LEGACY_PREFIX)
  const table = legacy ? base.table.slice(LEGACY_PREFIX.length) : base.table
  const where = `chain ${rule?.chain ?? base.name} of table ${base.family} ${table}${legacy ? ' (iptables-legacy)' : ''}`
  const which =
    rule === undefined
      ? `the policy (drop) of ${where}`
      : `a rule${rule.handle === undefined ? '' : ` (handle ${rule.handle})`} in ${where}`
  const summary = `${which} drops ${listed(whats)} (network ${network.name}, IPv${family}): an accept in our own table cannot overrule it`
  return { summary, commands: openingCommands(base, settings.bridgeName, filters) }
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/**
 * Commands that let the bridge's traffic pass a base chain. What may enter the network is decided by our own table in any
 * case, so the other one can leave that to it.
 */
function openingCommands(base: DropPoint['base'], bridge: string, filters: FilterMap): string[] {
  const { family, table, name } = base
  if (table === 'firewalld') {
    const zone = 'firewall-cmd --permanent --zone=trusted'
    return [`${zone} --add-interface=${bridge}`, 'firewall-cmd --reload']
  }
  const legacy = table.startsWith(LEGACY_PREFIX)
  const plain = legacy ? table.slice(LEGACY_PREFIX.length) : table
  if ((family === 'ip' || family === 'ip6') && plain === 'filter' && name === 'FORWARD') {
    const program = `${family === 'ip' ? 'iptables' : 'ip6tables'}${legacy ? '-legacy' : ''}`
    // Docker asks users to put their rules there, and leaves them alone when it writes its own anew.
    const chain = filters.hasChain(family, table, 'DOCKER-USER') ? 'DOCKER-USER' : 'FORWARD'
    return [`${program} -I ${chain} -i ${bridge} -j ACCEPT`, `${program} -I ${chain} -o ${bridge} -j ACCEPT`]
  }
  const insert = `nft insert rule ${family} ${word(table)} ${word(name)}`
  const inward = [`${insert} iifname ${bridge} accept`]
  return base.hook === 'prerouting' ? inward : [...inward, `${insert} oifname ${bridge} accept`]
}

/** A name as it can stand in a shell's command; nftables allows any characters in it. */
function word(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}

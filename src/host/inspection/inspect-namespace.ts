/** Inspects one namespace, part by part. */
import { hostname } from 'node:os'
import {
  hasCode,
  KernelError,
  listLinkSummaries,
  type Namespace,
  NetlinkProtocol,
  NetlinkSocket,
} from '../../kernel/index.ts'
import type { Graph } from '../graph.ts'
import type { ResolvedTarget } from '../targets/resolve-target.ts'
import { INSPECTION_PARTS, type Inspection, type InspectionPart } from './inspection.ts'
import type { PartContext } from './part-context.ts'
import { readConntrack } from './read-conntrack.ts'
import { readDns } from './read-dns.ts'
import { readLegacyTables, readNftables } from './read-filters.ts'
import { readLinks } from './read-links.ts'
import { readForwarding, readNeighbours, readVlans } from './read-neighbours.ts'
import { readRoutes, readRules } from './read-routes.ts'
import { readServices } from './read-services.ts'
import { readSettings } from './read-settings.ts'
import { readSockets } from './read-sockets.ts'

/** What an inspection stands on. */
export interface InspectionRequest {
  /** The namespace, open; the caller closes it. */
  readonly namespace: Namespace
  readonly target: ResolvedTarget
  /** The graph that the target was resolved in: it knows the far ends of links. */
  readonly graph: Graph
  /** Everything when left out. */
  readonly parts?: readonly InspectionPart[]
}

/** How each part is read. */
const READERS: { readonly [P in InspectionPart]: (context: PartContext) => Inspection[P] } = {
  links: readLinks,
  routes: readRoutes,
  rules: readRules,
  neighbours: readNeighbours,
  forwarding: readForwarding,
  vlans: readVlans,
  sockets: readSockets,
  nftables: readNftables,
  iptables: readLegacyTables,
  conntrack: readConntrack,
  settings: readSettings,
  ipvs: readServices,
  dns: readDns,
}

/** People's word for a part that could not be read, where it is another than the part's own. */
const PART_WORDS: Partial<Record<InspectionPart, string>> = {
  forwarding: 'forwarding entries',
  nftables: 'nftables rules',
  iptables: 'iptables-legacy rules',
  conntrack: 'tracked connections',
  ipvs: 'IPVS services',
  dns: 'DNS configuration',
}

/**
 * Reads everything about a namespace. Parts do not depend on each other: one that the kernel refuses becomes a warning.
 * @throws KernelError when not even an rtnetlink socket can be opened in the namespace
 */
export function inspectNamespace(request: InspectionRequest): Inspection {
  const { namespace, target, graph, parts = INSPECTION_PARTS } = request
  const route = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    const interfaceName = interfaceNames(route)
    const context: PartContext = { namespace, node: target.node, graph, route, interfaceName }
    const read: Record<string, unknown> = {}
    const warnings: string[] = []
    for (const part of INSPECTION_PARTS.filter((candidate) => parts.includes(candidate))) {
      try {
        read[part] = READERS[part](context)
      } catch (error) {
        warnings.push(warningFor(part, error))
      }
    }
    return {
      schema: 'netwright/namespace/v1',
      host: hostname(),
      takenAt: new Date().toISOString(),
      target: target.label,
      namespace: target.node,
      ...read,
      warnings,
    }
  } finally {
    route.close()
  }
}

/** Names are asked of the kernel now: a link may have come or gone since the graph was taken. */
function interfaceNames(route: NetlinkSocket): (index: number) => string {
  const names = new Map(listLinkSummaries(route).map((link) => [link.index, link.name]))
  return (index) => names.get(index) ?? `if${index}`
}

function warningFor(part: InspectionPart, error: unknown): string {
  const what = PART_WORDS[part] ?? part
  if (hasCode(error, 'EPERM', 'EACCES')) return `the ${what} cannot be read without root`
  if (error instanceof KernelError) return `the ${what} cannot be read: ${error.message}`
  return `the ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

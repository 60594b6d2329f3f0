/** Resolvers that resolv.conf names, and that cannot be there. */
import { readResolverFiles } from '../../../host/index.ts'
import type { Place } from '../../scene/place.ts'
import { dockerCommand } from '../docker-command.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { fact, listed, subjectOf } from '../words.ts'

/** `dns-misconfigured`, `dns-unreachable` */
export const resolvers: Check = {
  codes: ['dns-misconfigured', 'dns-unreachable'],
  examine(examination) {
    return examination.scene.places().flatMap((place) => judge(place, examination) ?? [])
  },
}

const DNS_PORT = 53
const LOOPBACK = /^(127\.|::1$)/

/** Whom the programs of a namespace ask for names. */
export interface NamedServers {
  /** Whose file says so: `process 4711`, `/etc/netns/blue`. */
  readonly source: string
  readonly servers: readonly string[]
}

/** Resolvers of a namespace; undefined when it has none of its own, or no network. */
export function resolversOf(place: Place, { scene, wiring }: Examination): NamedServers | undefined {
  if (wiring.of(place.inode).every(({ kind, addresses }) => kind === 'loopback' || addresses.length === 0))
    return undefined
  const files = readResolverFiles(place.node)
  // Programs that somebody runs in a namespace by hand see the host's files, which were not written for it.
  const own =
    files?.source.startsWith('/etc/') === true || place.node.role === 'container' || place.inode === scene.home
  if (files === undefined || !own) return undefined
  const text = files.files.find(({ path }) => path === '/etc/resolv.conf')?.content
  const servers = text === undefined ? [] : nameservers(Buffer.from(text).toString('utf8'))
  return servers.length === 0 ? undefined : { source: files.source, servers }
}

function judge(place: Place, examination: Examination): Diagnosis | undefined {
  const named = resolversOf(place, examination)
  if (named === undefined) return undefined
  const { servers, source } = named
  const { intent } = examination
  const absent = servers.filter((server) => LOOPBACK.test(server) && !isServed(place, server))
  const unroutable = servers.filter((server) => !LOOPBACK.test(server) && !isRoutable(place, server))
  if (absent.length === 0 && unroutable.length === 0) return undefined
  const all = absent.length + unroutable.length === servers.length
  const shown = absent.length > 0 ? absent : unroutable
  const container = intent.containers.find(({ namespace }) => namespace === place.inode)
  return {
    finding: {
      code: absent.length > 0 ? 'dns-misconfigured' : 'dns-unreachable',
      severity: all ? 'error' : 'warning',
      subject: subjectOf(place),
      summary:
        absent.length > 0
          ? `${place.label} asks ${listed(shown)} for names, which is itself, but nobody listens there${all ? '' : '; each look-up waits before it asks the next'}.`
          : `${place.label} asks ${listed(shown)} for names, but no route leads there${all ? '' : '; each look-up fails before it asks the next'}.`,
      evidence: [
        fact(`resolv.conf (${source}) names ${listed(servers)}`, 'procfs'),
        ...absent.map((server) =>
          fact(`no socket of ${place.label} takes packets for ${server} port ${DNS_PORT}`, 'sock_diag'),
        ),
        ...unroutable.map((server) => fact(`${place.label} has no route to ${server}`)),
      ],
      fix:
        container === undefined || absent.length === 0
          ? null
          : {
              safe: false,
              summary: `Restart ${container.name}, so that Docker sets up its resolver anew.`,
              commands: [dockerCommand(container, 'restart', container.name)],
            },
    },
  }
}

/** Servers that resolv.conf(5) names; the C library asks the first three. */
function nameservers(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => /^\s*nameserver\s+([0-9a-fA-F.:]+)/.exec(line)?.[1] ?? [])
    .slice(0, 3)
}

/** Docker's resolver listens on 127.0.0.11 with a port of chance, to which rules in the container lead. */
function isServed(place: Place, server: string): boolean {
  return place.sockets.some(({ protocol, local, remote }) => {
    if (protocol !== 'udp' || remote.port !== 0) return false
    if (server === '127.0.0.11' && local.address === server) return true
    return (
      local.port === DNS_PORT && (local.address === server || local.address === '0.0.0.0' || local.address === '::')
    )
  })
}

function isRoutable(place: Place, server: string): boolean {
  return !['none', 'unreachable', 'blackhole', 'prohibit'].includes(place.lookUpRoute({ destination: server }).kind)
}

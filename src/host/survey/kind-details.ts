/** What a graph shows of an interface's kind: the settings that decide where its packets go, by the kernel's words. */
import type { LinkInfo } from '../../kernel/index.ts'

/** Attributes shown per kind, by the names that the codec gives them. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  bond: ['mode', 'activePort', 'miiInterval'],
  bridge: ['stpState', 'vlanFiltering', 'ageingTime', 'nfCallIptables', 'nfCallIp6tables', 'vlanDefaultPvid'],
  geneve: ['id', 'port', 'remote', 'remote6'],
  ipvlan: ['mode', 'flags'],
  ipvtap: ['mode', 'flags'],
  macvlan: ['mode', 'sourceAddresses'],
  macvtap: ['mode', 'sourceAddresses'],
  tun: ['type', 'owner', 'group', 'persist'],
  vlan: ['id', 'protocol'],
  vrf: ['table'],
  vxlan: [
    'id',
    'port',
    'local',
    'local6',
    'group',
    'group6',
    'link',
    'learning',
    'proxy',
    'l2Miss',
    'l3Miss',
    'collectMetadata',
  ],
}

/** Attributes of a bridge port that change what it lets through. */
const PORT_SHOWN = ['state', 'isolated', 'hairpin', 'learning', 'unicastFlood', 'neighbourSuppress', 'vlanTunnel']
/** Attributes of tunnels that share one shape. */
const TUNNEL_SHOWN = ['local', 'remote', 'inputKey', 'outputKey', 'ttl']

/** Details of the kind, and of the port when it is one; yes-or-no settings stay the kernel's 0 and 1. */
export function kindDetails(info: LinkInfo | undefined, kind: string): Record<string, unknown> {
  if (info === undefined) return {}
  const known = info as Readonly<Record<string, Record<string, unknown> | undefined>>
  const own = pick(known[kind], SHOWN[kind] ?? TUNNEL_SHOWN)
  const port = pick(info.bridgePort, PORT_SHOWN)
  return {
    ...(own === undefined ? {} : { [kind]: own }),
    ...(port === undefined ? {} : { bridgePort: port }),
    ...(info.slaveKind === undefined ? {} : { masterKind: info.slaveKind }),
  }
}

function pick(from: object | undefined, names: readonly string[]): Record<string, unknown> | undefined {
  if (from === undefined) return undefined
  const values = from as Readonly<Record<string, unknown>>
  const picked = Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])))
  return Object.keys(picked).length === 0 ? undefined : picked
}

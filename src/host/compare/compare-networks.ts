/** What happened to networks that a runtime defines, and to their members. */
import type { Graph, Network, NetworkMember } from '../graph.ts'
import type { ChangeKind, GraphChange } from './change.ts'
import { missingFrom } from './compare-namespaces.ts'

/** Changes of networks. A bridge that no runtime speaks for is told as the interface that it is. */
export function compareNetworks(before: Graph, after: Graph): GraphChange[] {
  const earlier = keyed(before)
  const later = keyed(after)
  const vanished = [...earlier].filter(([key]) => !later.has(key))
  const appeared = [...later].filter(([key]) => !earlier.has(key))
  return [
    ...vanished.map(([, network]) =>
      change(network, 'network-vanished', `${network.driver} network vanished`, network.id, null),
    ),
    ...appeared.map(([, network]) =>
      change(network, 'network-appeared', `${network.driver} network appeared`, null, network.id),
    ),
    ...[...earlier].flatMap(([key, network]) => {
      const now = later.get(key)
      return now === undefined ? [] : [...compareSettings(network, now), ...compareMembers(network, now)]
    }),
  ]
}

function keyed(graph: Graph): Map<string, Network> {
  const defined = graph.networks.filter((network) => network.runtime !== 'kernel')
  return new Map(defined.map((network) => [JSON.stringify([network.runtime, network.id]), network]))
}

function change(
  network: Network,
  kind: ChangeKind,
  summary: string,
  before: GraphChange['before'],
  after: GraphChange['after'],
): GraphChange {
  const title = `network ${network.name} (${network.runtime})`
  return { kind, namespace: null, title, interface: null, summary, before, after }
}

function compareSettings(was: Network, is: Network): GraphChange[] {
  const changed = (summary: string, before: string | null, after: string | null) =>
    change(is, 'network-changed', summary, before, after)
  return [
    ...(was.name === is.name ? [] : [changed(`was called ${was.name}`, was.name, is.name)]),
    ...(was.driver === is.driver ? [] : [changed(`has driver ${is.driver}, was ${was.driver}`, was.driver, is.driver)]),
    ...missingFrom(is.subnets, was.subnets).map((subnet) => changed(`lost subnet ${subnet}`, subnet, null)),
    ...missingFrom(was.subnets, is.subnets).map((subnet) => changed(`got subnet ${subnet}`, null, subnet)),
  ]
}

function compareMembers(was: Network, is: Network): GraphChange[] {
  const earlier = new Map(was.members.map((member) => [memberKey(member), member]))
  const later = new Map(is.members.map((member) => [memberKey(member), member]))
  const left = [...earlier].filter(([key]) => !later.has(key)).map(([, member]) => member)
  const joined = [...later].filter(([key]) => !earlier.has(key)).map(([, member]) => member)
  return [
    ...left.map((member) => change(is, 'member-left', `${memberWords(member)} left`, member.name, null)),
    ...joined.map((member) => change(is, 'member-joined', `${memberWords(member)} joined`, null, member.name)),
  ]
}

/** The interface of a member may be another each time it starts; its name and addresses are what people know. */
function memberKey(member: NetworkMember): string {
  return JSON.stringify([member.name, ...member.addresses])
}

function memberWords({ name, addresses }: NetworkMember): string {
  return addresses.length === 0 ? name : `${name} (${addresses.join(', ')})`
}

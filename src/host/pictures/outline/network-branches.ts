/** Networks and members of which the kernel here knows nothing, or nothing that has a place of its own. */
import type { InterfaceNode, Network } from '../../graph.ts'
import { type Branch, span } from './branch.ts'
import { type OutlineContext, shortened } from './context.ts'
import { shownAddresses } from './words.ts'

/** Members listed whole. */
const WHOLE_ABSENT = 16
const WHOLE_MEMBERS = 32

/** Members that only the runtime knows, of which no interface is here: tasks on other hosts, containers not running. */
export function absentMembers(context: OutlineContext, node: InterfaceNode): readonly Branch[] {
  const networks = context.index.networksOfBridge.get(node.id) ?? []
  return shortened(context, networks.flatMap(absentOf), WHOLE_ABSENT, 'members')
}

function absentOf(network: Network): Branch[] {
  const absent = network.members.filter((member) => member.interface === null)
  return absent.map((member) => ({
    cells: [
      [span('quiet', 'elsewhere')],
      [span('title', member.name), ...member.addresses.map((address) => span('address', address))],
    ],
    children: [],
  }))
}

/** Networks that have members but neither bridge nor namespace here (macvlan, ipvlan): listed with them. */
export function unservedNetworks(context: OutlineContext): readonly Branch[] {
  const networks = context.index.graph.networks.filter(
    (network) => network.bridge === null && network.namespace === null && network.members.length > 0,
  )
  return networks.map((network) => ({
    cells: [
      [span('network', `network ${network.name} (${network.runtime})`)],
      [span('kind', network.driver), ...network.subnets.map((subnet) => span('address', subnet))],
    ],
    children: shortened(context, memberBranches(context, network), WHOLE_MEMBERS, 'members'),
  }))
}

function memberBranches({ index, titles, all }: OutlineContext, network: Network): Branch[] {
  return network.members.map((member) => {
    const node = member.interface === null ? undefined : index.interfaces.get(member.interface)
    const where =
      node === undefined
        ? []
        : [span('interface', node.name), span('quiet', 'of'), span('title', titles.get(node.namespace)!)]
    const addresses = node === undefined ? member.addresses : shownAddresses(node, all)
    return {
      cells: [
        where.length === 0 ? [span('title', member.name)] : where,
        addresses.map((address) => span('address', address)),
      ],
      children: [],
    }
  })
}

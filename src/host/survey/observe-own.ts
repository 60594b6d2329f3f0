/** What can be observed without privileges: the links and addresses of the namespace that this process lives in. */
import { listAddressSummaries, listLinkSummaries, NetlinkProtocol, NetlinkSocket } from '../../kernel/index.ts'
import type { Discovery } from '../discovery/sighting.ts'
import { addressesByIndex, describeLink } from './describe-link.ts'
import type { Observation } from './observed.ts'

/**
 * Observes the own namespace; the other ones are listed without their interfaces.
 * @param reason why a private namespace could not be made
 */
export function observeOwn(discovery: Discovery, reason: Error): Observation {
  const socket = NetlinkSocket.open(NetlinkProtocol.route)
  try {
    const addresses = addressesByIndex(listAddressSummaries(socket))
    const links = listLinkSummaries(socket).map((link) =>
      describeLink(link, discovery.own, addresses.get(link.index) ?? [], () => undefined),
    )
    const observed = discovery.sightings.map((sighting) => ({
      key: sighting.inode,
      id: undefined,
      sighting,
      foundThrough: undefined,
      nsid: null,
      links: sighting.inode === discovery.own ? links : [],
      tunnelEntries: [],
    }))
    const warning = `only the interfaces of the own namespace are shown (${reason.message}); run as root to see them all`
    return { observed, warnings: [warning] }
  } finally {
    socket.close()
  }
}

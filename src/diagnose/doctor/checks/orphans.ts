/** What runtimes made and forgot: bridges of networks that are gone, cables that lead to nobody. */
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, fixIn, subjectOf } from '../words.ts'

/** `interface-orphaned` */
export const orphans: Check = {
  codes: ['interface-orphaned'],
  examine(examination) {
    const { intent, wiring } = examination
    const hosts = intent.daemons.flatMap(({ namespace, runtime }) =>
      runtime === 'docker' && namespace !== null ? [namespace] : [],
    )
    return [...new Set(hosts)].flatMap((inode) =>
      wiring.of(inode).flatMap((one) => orphanedBridge(one, examination) ?? orphanedCable(one, examination) ?? []),
    )
  },
}

/** As Docker names the bridges of its networks: br- and twelve digits of the network's id. */
const NETWORK_BRIDGE = /^br-([0-9a-f]{12})$/
/** As Docker and CNI plugins name the near ends of containers' cables. */
const CABLE = /^veth[0-9a-f]{7,8}$/

function orphanedBridge(one: Interface, { intent, wiring, scene }: Examination): Diagnosis | undefined {
  const id = NETWORK_BRIDGE.exec(one.name)?.[1]
  if (one.kind !== 'bridge' || id === undefined || wiring.ports(one).length > 0) return undefined
  if (intent.networks.some((network) => network.id.startsWith(id) || network.bridgeName === one.name)) return undefined
  return {
    finding: {
      code: 'interface-orphaned',
      severity: 'warning',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} is the bridge of a Docker network (${id}) that does not exist any more${one.addresses.length === 0 ? '' : `, and still claims ${one.addresses[0]!.subnet.text}`}.`,
      evidence: [
        fact(`docker knows no network whose id begins with ${id}`, 'docker'),
        fact(`${called(one)} has no ports`),
      ],
      fix: fixIn(
        one.place,
        scene,
        `Delete the bridge ${one.name}.`,
        [['ip', 'link', 'delete', 'dev', one.name]],
        false,
      ),
    },
  }
}

/** Both ends lie in the host's namespace, or the far one in a namespace that nobody lives in and nobody owns. */
function orphanedCable(one: Interface, { wiring, scene }: Examination): Diagnosis | undefined {
  if (one.kind !== 'veth' || !CABLE.test(one.name) || one.addresses.length > 0) return undefined
  const peer = wiring.seenPeer(one)
  if (peer === undefined || peer.place.inode !== one.place.inode || peer.up || peer.master !== 0 || one.id > peer.id)
    return undefined
  return {
    finding: {
      code: 'interface-orphaned',
      severity: 'info',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} and its other end ${peer.name} are a cable for a container that was never attached, or is gone.`,
      evidence: [
        fact(`both ends, ${one.name} and ${peer.name}, are in ${one.place.label}`),
        fact(`${called(peer)} is down and a port of nothing`),
      ],
      fix: fixIn(one.place, scene, `Delete the cable ${one.name}.`, [['ip', 'link', 'delete', 'dev', one.name]], false),
    },
  }
}

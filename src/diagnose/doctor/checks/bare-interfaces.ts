/** Interfaces without an address on a wire where everybody else has one, and addresses that programs wait at and nobody has. */

import { fixAddressMissing } from '../../remedy/link-fix.ts'
import type { Family, Place } from '../../scene/place.ts'
import { contains } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { isRouter } from '../expected-way.ts'
import type { Interface } from '../interface.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `address-missing` */
export const bareInterfaces: Check = {
  codes: ['address-missing'],
  examine(examination) {
    const known = new Set(
      examination.reported.filter(({ code }) => code === 'address-missing').map(({ subject }) => subject.namespace),
    )
    return examination.wiring.interfaces.flatMap((one) =>
      known.has(one.place.inode)
        ? []
        : (['ipv4', 'ipv6'] as const).flatMap((family) => judge(one, family, examination) ?? []),
    )
  },
}

/** Two neighbours make no custom. */
const CUSTOM = 2

function judge(one: Interface, family: Family, examination: Examination): Diagnosis | undefined {
  if (!isEndOfCable(one, examination) || one.addresses.some((own) => own.family === family)) return undefined
  const { wideSegments, scene, intent } = examination
  // What runtimes have on record has been held against what there is.
  if (intent.containers.some(({ namespace }) => namespace === one.place.inode)) return undefined
  const members = wideSegments
    .of(one)
    .stations.filter(({ place, kind, up }) => place.inode !== one.place.inode && kind !== 'bridge' && up)
  const having = members.filter(({ addresses }) => addresses.some((own) => own.family === family))
  if (having.length < CUSTOM || having.length < members.length - 1) return undefined
  if (isRouter(one.place, family, examination)) return undefined
  const subnet = having[0]!.addresses.find((own) => own.family === family)!.subnet
  const waited = waitedAt(one.place, family).find((address) => contains(subnet, address))
  const others = listed(having.map(called), 3)
  return {
    finding: {
      code: 'address-missing',
      // Some need none: what listens on a wire, or speaks with its neighbours there only (fe80::/10).
      severity: waited !== undefined || (family === 'ipv4' && one.addresses.length > 0) ? 'warning' : 'info',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address, although all others on its wire have one${waited === undefined ? '' : ` and a program there waits at ${waited}`}.`,
      evidence: [
        fact(
          `${called(one)} has ${one.addresses.length === 0 ? 'no address' : `only ${listed(one.addresses.map(({ text }) => text))}`}`,
        ),
        fact(`${others} have addresses of ${subnet.text.replace(/^.*\//, 'one subnet, /')}`),
        ...(waited === undefined ? [] : [fact(`a socket of ${one.place.label} is bound to ${waited}`, 'sock_diag')]),
      ],
      fix:
        waited === undefined ? null : fixAddressMissing(one.place, scene.home, one.name, `${waited}/${subnet.length}`),
    },
    ...(one.addresses.length === 0 ? { breaks: [one] } : {}),
  }
}

/** It is up and wired to a bridge elsewhere, and nothing else makes use of it. */
function isEndOfCable(one: Interface, { wiring, broken }: Examination): boolean {
  if (one.kind !== 'veth' || !one.up || !one.carrier || one.master !== 0 || broken.has(one)) return false
  const peer = wiring.seenPeer(one)
  if (peer === undefined || peer.place.inode === one.place.inode || wiring.bridgeOf(peer) === undefined) return false
  return !wiring.of(one.place.inode).some((other) => other.id !== one.id && wiring.parent(other)?.id === one.id)
}

/** Addresses that programs have bound sockets to, and that the namespace does not have. */
function waitedAt(place: Place, family: Family): string[] {
  const own = new Set(place.addresses.map((row) => row.local ?? row.address))
  return place.sockets
    .filter(({ family: kind, protocol, state }) => kind === family && (protocol === 'udp' || state === 'LISTEN'))
    .map(({ local }) => local.address)
    .filter((address) => !/^(0\.0\.0\.0|::|127\..*|::1)$/.test(address) && !own.has(address))
}

/** Links whose ends disagree about how large a packet may be: the larger ones vanish without a word. */

import type { Fix } from '../../finding.ts'
import { fixMtu } from '../../remedy/link-fix.ts'
import { addressNumber, familyOfAddress } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import type { TunnelEnd } from '../overlay.ts'
import { called, fact, subjectOf } from '../words.ts'

/** Bytes that vxlan adds: Ethernet 14, vxlan 8, UDP 8, and an IPv4 (20) or IPv6 (40) header. */
const VXLAN_OVERHEAD = { ipv4: 50, ipv6: 70 } as const

/** `mtu-mismatch` */
export const mtuMismatch: Check = {
  codes: ['mtu-mismatch'],
  examine(examination) {
    const pairs = examination.wiring.interfaces.flatMap((one) => pairMismatch(one, examination) ?? [])
    const reported = new Set(pairs.flatMap(({ breaks }) => breaks.map(({ id }) => id)))
    const ports = portMismatches(examination).filter(({ port }) => !reported.has(port.id))
    return [
      ...pairs.map(({ finding }) => ({ finding })),
      ...ports.map(({ diagnosis }) => diagnosis),
      ...examination.overlays.ends.flatMap((end) => underlayMismatch(end, examination) ?? []),
    ]
  },
}

/** Two ends of a veth. */
function pairMismatch(
  one: Interface,
  examination: Examination,
): { finding: Diagnosis['finding']; breaks: Interface[] } | undefined {
  const peer = examination.wiring.seenPeer(one)
  if (peer === undefined || one.id > peer.id || one.mtu === peer.mtu) return undefined
  const [odd, right] = oddOne(one, peer, examination)
  const [small, large] = one.mtu < peer.mtu ? [one, peer] : [peer, one]
  return {
    finding: {
      code: 'mtu-mismatch',
      severity: 'warning',
      subject: subjectOf(odd.place, odd),
      summary: `${called(small)} takes packets of at most ${small.mtu} bytes, but ${called(large)} at the other end sends up to ${large.mtu}; the larger ones are lost.`,
      evidence: [fact(`${called(odd)} has MTU ${odd.mtu}`), fact(`${called(right)} has MTU ${right.mtu}`)],
      fix: setMtu(odd, right.mtu, examination),
    },
    breaks: [one, peer],
  }
}

/** Of two ends, the one that differs from what is around it, or else the smaller one. */
function oddOne(a: Interface, b: Interface, examination: Examination): readonly [Interface, Interface] {
  const [usualA, usualB] = [usualMtu(a, examination), usualMtu(b, examination)]
  if (usualA !== undefined && usualA === b.mtu) return [a, b]
  if (usualA !== undefined && usualA === a.mtu) return [b, a]
  if (usualB !== undefined && usualB === a.mtu) return [b, a]
  if (usualB !== undefined && usualB === b.mtu) return [a, b]
  return a.mtu < b.mtu ? [a, b] : [b, a]
}

/** What most of the other ports of its bridge have. */
function usualMtu(one: Interface, { wiring }: Examination): number | undefined {
  const bridge = wiring.bridgeOf(one)
  if (bridge === undefined) return undefined
  return mostCommon(
    wiring
      .ports(bridge)
      .filter((port) => port.id !== one.id)
      .map(({ mtu }) => mtu),
  )
}

function mostCommon(numbers: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0]
}

/**
 * Ports of one bridge that differ. A bridge drops what is too large for the port it has to leave by, and tells nobody
 * (br_dev_queue_push_xmit, net/bridge/br_forward.c).
 */
function portMismatches(examination: Examination): { port: Interface; diagnosis: Diagnosis }[] {
  const bridges = examination.wiring.interfaces.filter(({ kind }) => kind === 'bridge')
  return bridges.flatMap((bridge) => {
    const ports = examination.wiring.ports(bridge).filter(({ up, kind }) => up && (kind === 'veth' || kind === 'vxlan'))
    const usual = mostCommon(ports.map(({ mtu }) => mtu))
    if (usual === undefined || ports.every(({ mtu }) => mtu === usual)) return []
    return ports.filter(({ mtu }) => mtu !== usual).map((port) => portMismatch(port, bridge, usual, examination))
  })
}

function portMismatch(
  port: Interface,
  bridge: Interface,
  usual: number,
  examination: Examination,
): { port: Interface; diagnosis: Diagnosis } {
  const peer = examination.wiring.seenPeer(port)
  const fix = setMtu(port, usual, examination)
  const far = peer === undefined ? [] : setMtu(peer, usual, examination).commands
  const [limit, from, to] = port.mtu < usual ? [port.mtu, 'to', 'the others'] : [usual, 'from', 'the others']
  return {
    port,
    diagnosis: {
      finding: {
        code: 'mtu-mismatch',
        severity: 'warning',
        subject: subjectOf(port.place, port),
        summary: `${called(port)} has MTU ${port.mtu}, ${to} on bridge ${bridge.name} have ${usual}; packets of more than ${limit} bytes ${from} it are lost.`,
        evidence: [
          fact(`${called(port)} has MTU ${port.mtu}`),
          fact(`most ports of ${called(bridge)} have MTU ${usual}`),
        ],
        fix: { ...fix, commands: [...fix.commands, ...far] },
      },
    },
  }
}

/** A tunnel that takes packets which no longer fit into one of the network below. */
function underlayMismatch(end: TunnelEnd, examination: Examination): Diagnosis | undefined {
  const { underlay, vxlan } = end
  const remote = end.forwarding.find(
    ({ destination }) => destination !== undefined && addressNumber(destination) !== 0n,
  )?.destination
  if (underlay === undefined || remote === undefined || !vxlan.up || examination.broken.has(vxlan)) return undefined
  const answer = underlay.lookUpRoute({ destination: remote })
  const device = answer.kind === 'unicast' ? examination.wiring.get(underlay.inode, answer.output) : undefined
  if (device === undefined) return undefined
  const room = (answer.mtu ?? device.mtu) - VXLAN_OVERHEAD[familyOfAddress(remote)]
  if (vxlan.mtu <= room) return undefined
  return {
    finding: {
      code: 'mtu-mismatch',
      severity: 'warning',
      subject: subjectOf(vxlan.place, vxlan),
      summary: `${called(vxlan)} takes packets of ${vxlan.mtu} bytes, but only ${room} fit through ${called(device)} once the tunnel's headers are added.`,
      evidence: [
        fact(`${called(vxlan)} has MTU ${vxlan.mtu}`),
        fact(`${called(device)}, on the way to tunnel end ${remote}, has MTU ${device.mtu}`),
      ],
      fix: setMtuBehind(vxlan, room, examination),
    },
  }
}

/** Whoever is behind a tunnel must know its limit: a bridge drops what is too large for a port, and tells nobody. */
function setMtuBehind(vxlan: Interface, mtu: number, examination: Examination): Fix {
  const { wiring } = examination
  const bridge = wiring.bridgeOf(vxlan)
  const ports = bridge === undefined ? [] : wiring.ports(bridge).filter((port) => port.id !== vxlan.id)
  const peers = ports.flatMap((port) => wiring.seenPeer(port) ?? [])
  const others = [...ports, ...(bridge === undefined ? [] : [bridge]), ...peers].filter((one) => one.mtu > mtu)
  const own = setMtu(vxlan, mtu, examination)
  if (others.length === 0) return own
  return {
    ...own,
    summary: `Set the MTU of ${vxlan.name} in ${vxlan.place.label}, and of everybody behind it, to ${mtu}.`,
    commands: [...own.commands, ...others.flatMap((one) => setMtu(one, mtu, examination).commands)],
  }
}

function setMtu(one: Interface, mtu: number, { scene }: Examination): Fix {
  return fixMtu(one.place, scene.home, one.name, mtu)
}

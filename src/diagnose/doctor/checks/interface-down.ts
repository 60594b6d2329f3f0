/** Interfaces that are switched off although something is meant to go through them. */

import { fixLinkDown } from '../../remedy/link-fix.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `interface-down` */
export const interfaceDown: Check = {
  codes: ['interface-down'],
  examine(examination) {
    const down = examination.wiring.interfaces.filter(({ up, kind }) => !up && kind !== 'loopback')
    return down.flatMap((one) => judge(one, examination) ?? [])
  },
}

function judge(one: Interface, examination: Examination): Diagnosis | undefined {
  if (one.kind === 'bridge') return judgeBridge(one, examination)
  const peer = examination.wiring.seenPeer(one)
  const bridge = examination.wiring.bridgeOf(one)
  const behind = bridge === undefined ? [] : [`it is a port of ${bridge.name}`]
  const uses = [
    ...(one.addresses.length > 0 ? [`it has ${listed(one.addresses.map(({ text }) => text))}`] : []),
    ...(peer !== undefined && peer.addresses.length > 0
      ? [`${called(peer)} at its other end has ${listed(peer.addresses.map(({ text }) => text))}`]
      : []),
    ...(one.kind === 'vxlan' && bridge !== undefined ? [`it joins ${bridge.name} with other hosts`] : []),
  ]
  if (uses.length === 0 && !leadsToLivePort(one, peer, examination)) return undefined
  // A cable that is not plugged in has its addresses waiting; only what is wired up here is certainly meant to work.
  const wired = peer !== undefined || one.kind === 'vxlan'
  const meant = one.addresses.length > 0 || bridge !== undefined || one.kind === 'vxlan'
  const missed = wired && meant && (peer?.up ?? true) && !isSpare(one, peer, examination)
  return diagnosis(one, examination, [...behind, ...uses], missed ? 'error' : 'warning', [peer])
}

/** A link between two that both have other wires, and that no route of either leads over: it may rest on purpose. */
function isSpare(one: Interface, peer: Interface | undefined, { wiring }: Examination): boolean {
  if (peer === undefined || wiring.bridgeOf(one) !== undefined || wiring.bridgeOf(peer) !== undefined) return false
  return [one, peer].every((end) => {
    const others = wiring
      .of(end.place.inode)
      .some((other) => other.id !== end.id && other.up && other.addresses.length > 0)
    const used = (['ipv4', 'ipv6'] as const).some((family) =>
      end.place
        .routes(family)
        .some(
          ({ outputInterface, gateway, nextHops }) =>
            (outputInterface === end.index && gateway !== undefined) ||
            nextHops?.some(({ index }) => index === end.index) === true,
        ),
    )
    return others && !used
  })
}

/** Its other end is switched on and a port of a bridge, and this one has lost what it had with being switched off (IPv6). */
function leadsToLivePort(one: Interface, peer: Interface | undefined, { wiring }: Examination): boolean {
  return peer?.up === true && wiring.bridgeOf(peer) !== undefined && wiring.bridgeOf(one) === undefined
}

/** A bridge that is switched off forwards nothing, so its ports matter more than its own addresses. */
function judgeBridge(bridge: Interface, examination: Examination): Diagnosis | undefined {
  const ports = examination.wiring.ports(bridge).filter(({ up }) => up)
  const used = ports.filter((port) => (examination.wiring.seenPeer(port)?.addresses.length ?? 0) > 0)
  if (ports.length === 0) return undefined
  const peers = ports.map((port) => examination.wiring.seenPeer(port))
  const reason = `it has ${ports.length} ports that are up: ${listed(ports.map(({ name }) => name))}`
  return diagnosis(bridge, examination, [reason], used.length > 0 ? 'error' : 'warning', [...ports, ...peers])
}

function diagnosis(
  one: Interface,
  { scene }: Examination,
  reasons: readonly string[],
  severity: 'error' | 'warning',
  others: readonly (Interface | undefined)[],
): Diagnosis {
  return {
    finding: {
      code: 'interface-down',
      severity,
      subject: subjectOf(one.place, one),
      summary: `${called(one)} is switched off${reasons.length === 0 ? '' : `, although ${reasons.at(-1)}`}.`,
      evidence: [fact(`${called(one)} is administratively down`), ...reasons.map((reason) => fact(reason))],
      fix: fixLinkDown(one.place, scene.home, one.name),
    },
    breaks: [one, ...others],
  }
}

/** Ports that a bridge keeps apart from others, or lets nothing through. */

import { fixPortIsolated, fixPortState } from '../../remedy/link-fix.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `bridge-port-isolated`, `bridge-port-blocked` */
export const bridgePortState: Check = {
  codes: ['bridge-port-isolated', 'bridge-port-blocked'],
  examine(examination) {
    const bridges = examination.wiring.interfaces.filter(({ kind, up }) => kind === 'bridge' && up)
    return bridges.flatMap((bridge) => {
      const ports = examination.wiring.ports(bridge)
      return [...isolated(bridge, ports, examination), ...blocked(bridge, ports, examination)]
    })
  },
}

/** One isolated port is not cut off from anybody: isolation is between isolated ports. */
function isolated(bridge: Interface, ports: readonly Interface[], examination: Examination): Diagnosis[] {
  const apart = ports.filter(({ link }) => link.info?.bridgePort?.isolated === 1)
  if (apart.length < 2) return []
  return apart.map((port) => {
    const others = apart.filter((other) => other !== port).map(({ name }) => name)
    return {
      finding: {
        code: 'bridge-port-isolated',
        severity: 'info',
        subject: subjectOf(port.place, port),
        summary: `${called(port)} is an isolated port of bridge ${bridge.name}: nothing passes between it and ${listed(others)}.`,
        evidence: [fact(`${called(port)} is an isolated port`)],
        // Somebody has asked for this.
        fix: fixPortIsolated(port.place, examination.scene.home, port.name),
      },
    }
  })
}

function blocked(bridge: Interface, ports: readonly Interface[], examination: Examination): Diagnosis[] {
  return ports.flatMap((port): Diagnosis[] => {
    const state = port.link.info?.bridgePort?.state
    if (!port.up || !port.carrier || state === undefined || state === 'forwarding' || examination.broken.has(port))
      return []
    const spanning = (bridge.link.info?.bridge?.stpState ?? 0) !== 0
    return [
      spanning ? heldBySpanningTree(port, bridge, String(state)) : heldByHand(port, bridge, String(state), examination),
    ]
  })
}

/** The spanning tree blocks a port to break a circle, and lets a new one wait for twice the forward delay. */
function heldBySpanningTree(port: Interface, bridge: Interface, state: string): Diagnosis {
  return {
    finding: {
      code: 'bridge-port-blocked',
      severity: 'info',
      subject: subjectOf(port.place, port),
      summary: `The spanning tree of bridge ${bridge.name} has ${called(port)} ${state}: nothing is forwarded through it now.`,
      evidence: [fact(`${called(port)} is ${state}`), fact(`${called(bridge)} runs a spanning tree`)],
      fix: null,
    },
  }
}

function heldByHand(port: Interface, bridge: Interface, state: string, examination: Examination): Diagnosis {
  return {
    finding: {
      code: 'bridge-port-blocked',
      severity: 'error',
      subject: subjectOf(port.place, port),
      summary: `Bridge ${bridge.name} forwards nothing through ${called(port)}, which is ${state}, and no spanning tree will ever change that.`,
      evidence: [fact(`${called(port)} is ${state}`), fact(`${called(bridge)} runs no spanning tree`)],
      fix: fixPortState(port.place, examination.scene.home, port.name),
    },
    breaks: [port, examination.wiring.seenPeer(port)],
  }
}

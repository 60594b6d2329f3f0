/** Interfaces that are switched on and have nothing at their other end. */
import type { Check } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `carrier-down` */
export const carrierDown: Check = {
  codes: ['carrier-down'],
  examine({ wiring, broken }) {
    const silent = wiring.interfaces.filter(
      (one) => one.up && !one.carrier && one.kind !== 'loopback' && !broken.has(one) && isUsed(one),
    )
    // A bridge has a carrier as soon as a port has: without ports, it merely waits. A vlan follows its parent.
    const roots = silent.filter((one) => one.kind !== 'bridge' && !silent.includes(wiring.parent(one)!))
    return roots
      .filter((one) => !broken.has(wiring.parent(one)))
      .map((one) => ({
        finding: {
          code: 'carrier-down',
          severity: 'warning',
          subject: subjectOf(one.place, one),
          summary: `${called(one)} is switched on and has ${listed(one.addresses.map(({ text }) => text))}, but no carrier: nothing answers at its other end.`,
          evidence: [fact(`${called(one)} is up without LOWER_UP, operstate ${one.link.operstate ?? 'unknown'}`)],
          fix: null,
        },
        breaks: [one],
      }))
  },
}

function isUsed({ addresses }: Interface): boolean {
  return addresses.length > 0
}

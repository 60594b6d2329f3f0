/** Cables with one end, and interfaces of containers that are gone. */

import type { Fix } from '../../finding.ts'
import type { WantedContainer } from '../../intent/intent.ts'
import { dockerCommand } from '../docker-command.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `link-peer-missing` */
export const linkPeerMissing: Check = {
  codes: ['link-peer-missing'],
  examine(examination) {
    return [...halfLinks(examination), ...lostInterfaces(examination)]
  },
}

function halfLinks({ wiring }: Examination): Diagnosis[] {
  const halves = wiring.interfaces.filter((one) => wiring.peer(one) === 'gone')
  return halves.map((one) => ({
    finding: {
      code: 'link-peer-missing',
      severity: one.up && (one.addresses.length > 0 || one.master !== 0) ? 'error' : 'warning',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} is one end of a virtual cable whose other end does not exist.`,
      evidence: [fact(`the kernel knows no interface at the other end of ${called(one)}`)],
      fix: null,
    },
    breaks: [one],
  }))
}

/** A runtime says that a container is attached, and its namespace has no interface for that. */
function lostInterfaces({ intent, wiring, scene }: Examination): Diagnosis[] {
  const places = new Map(scene.places().map((place) => [place.inode, place]))
  return intent.containers.flatMap((container) => {
    const { namespace, name, runtime, endpoints } = container
    const place = namespace === null ? undefined : places.get(namespace)
    if (place === undefined) return []
    const own = wiring.of(place.inode)
    return endpoints
      .filter(({ mac, addresses }) => {
        if (mac === null && addresses.length === 0) return false
        const wanted = new Set(addresses.map((address) => address.split('/')[0]))
        return !own.some((one) => one.mac === mac || one.addresses.some(({ address }) => wanted.has(address)))
      })
      .map((endpoint): Diagnosis => {
        const wanted = endpoint.addresses[0] ?? endpoint.mac ?? ''
        return {
          finding: {
            code: 'link-peer-missing',
            severity: 'error',
            subject: subjectOf(place),
            summary: `${name} ought to be attached to network ${endpoint.networkName} as ${wanted}, but it has no interface for that any more.`,
            evidence: [
              fact(`${runtime} has ${name} on network ${endpoint.networkName} as ${wanted}`, runtime),
              fact(`${place.label} has ${own.length === 0 ? 'no interface' : own.map((one) => one.name).join(', ')}`),
            ],
            fix: reattach(container, endpoint.networkName),
          },
        }
      })
  })
}

/** The runtime makes the interface anew; the container keeps running, but connections through that network end. */
function reattach(container: WantedContainer, network: string): Fix | null {
  if (container.runtime !== 'docker') return null
  const { name } = container
  return {
    safe: true,
    summary: `Detach ${name} from ${network} and attach it again.`,
    commands: [
      dockerCommand(container, 'network', 'disconnect', '--force', network, name),
      dockerCommand(container, 'network', 'connect', network, name),
    ],
  }
}

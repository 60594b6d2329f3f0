/** Published ports behind which nobody listens, or only towards the container itself. */
import type { InetSocket } from '../../../kernel/index.ts'
import type { PublishedPort, WantedContainer } from '../../intent/intent.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis } from '../examination.ts'
import { fact, listed, subjectOf } from '../words.ts'

/** `port-closed`, `listener-on-loopback` */
export const listeners: Check = {
  codes: ['port-closed', 'listener-on-loopback'],
  examine({ intent, scene }) {
    const places = new Map(scene.places().map((place) => [place.inode, place]))
    return intent.containers.flatMap((container) => {
      const place = container.namespace === null ? undefined : places.get(container.namespace)
      if (place === undefined) return []
      const ports = new Map(container.ports.map((port) => [`${port.containerPort}/${port.protocol}`, port]))
      return [...ports.values()].flatMap((port) => judge(place, container, port) ?? [])
    })
  },
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

function judge(place: Place, container: WantedContainer, port: PublishedPort): Diagnosis | undefined {
  const open = place.sockets.filter((socket) => listensOn(socket, port))
  if (open.some(({ local }) => !LOOPBACK.test(local.address))) return undefined
  // Whether a program means to answer UDP cannot be told from its sockets once it has connected them.
  if (open.length === 0 && port.protocol !== 'tcp') return undefined
  const words = `${port.containerPort}/${port.protocol}`
  const published = fact(
    `docker publishes port ${words} of ${container.name} as ${port.hostAddress}:${port.hostPort}`,
    container.runtime,
  )
  if (open.length === 0) {
    return {
      finding: {
        code: 'port-closed',
        severity: 'warning',
        subject: subjectOf(place),
        summary: `Port ${port.hostPort} is published for port ${words} of ${container.name}, but nobody in the container listens there.`,
        evidence: [published, fact(`no socket of ${place.label} listens on ${words}`, 'sock_diag')],
        fix: null,
      },
    }
  }
  const at = listed([...new Set(open.map(({ local }) => local.address))])
  return {
    finding: {
      code: 'listener-on-loopback',
      severity: 'error',
      subject: subjectOf(place),
      summary: `Port ${port.hostPort} is published for port ${words} of ${container.name}, but the program in the container listens on ${at} only, where nobody else reaches it.`,
      evidence: [published, fact(`${words} of ${place.label} is open on ${at} only`, 'sock_diag')],
      fix: null,
    },
  }
}

function listensOn({ protocol, state, local, remote }: InetSocket, port: PublishedPort): boolean {
  if (protocol !== port.protocol || local.port !== port.containerPort) return false
  return protocol === 'tcp' ? state === 'LISTEN' : remote.port === 0
}

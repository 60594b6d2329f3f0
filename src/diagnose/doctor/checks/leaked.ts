/** Namespaces of containers that are dead, kept alive by what somebody forgot to close. */
import type { Holder } from '../../../host/index.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, fixIn, listed, subjectOf } from '../words.ts'

/** `netns-leaked` */
export const leaked: Check = {
  codes: ['netns-leaked'],
  examine(examination) {
    return examination.scene.places().flatMap((place) => judge(place, examination) ?? [])
  },
}

function judge(place: Place, examination: Examination): Diagnosis | undefined {
  const { node } = place
  if (node.pids.length > 0 || node.names.length > 0 || node.role === 'host' || isOwned(place, examination))
    return undefined
  const holders = node.holders.filter(({ kind }) => kind !== 'neighbour')
  // Threads and the taps of virtual machines are inhabitants.
  if (holders.length === 0 || holders.some(({ kind }) => kind === 'thread' || kind === 'tap')) return undefined
  const left = examination.wiring
    .of(place.inode)
    .filter(({ kind, addresses }) => kind !== 'loopback' && addresses.length > 0)
  if (left.length === 0) return undefined
  const answering = left.filter((one) => one.up && one.carrier)
  const held = listed(holders.map(words), 3)
  return {
    finding: {
      code: 'netns-leaked',
      severity: 'warning',
      subject: subjectOf(place, left[0]),
      summary:
        `Nothing lives in namespace ${place.inode} any more, but ${held} keeps it alive` +
        (answering.length === 0
          ? '.'
          : `, and it still answers for ${listed(answering.flatMap(({ addresses }) => addresses.map(({ address }) => address)))}.`),
      evidence: [
        fact(`no process or thread lives in namespace ${place.inode}`, 'procfs'),
        ...holders.slice(0, 8).map((holder) => fact(`it is held by ${words(holder)}`, 'procfs')),
        ...left.map((one) =>
          fact(
            `${called(one)} still has ${listed(one.addresses.map(({ text }) => text))}${one.up ? ' and is up' : ''}`,
          ),
        ),
      ],
      fix: silence(left, place, examination),
    },
  }
}

/** Somebody speaks for it: a runtime knows the container, or it serves a network, or our engine keeps it. */
function isOwned({ node }: Place, { intent }: Examination): boolean {
  if (node.role !== 'anonymous' && node.role !== 'container') return true
  // A process that merely holds it does not speak for it.
  const owners = node.owners.filter(({ runtime }) => runtime !== 'process' && runtime !== 'systemd')
  if (owners.length === 0) return node.mounts.length > 0
  // A mount of Docker's says only that there once was a container; its daemon gives full ids of those that there are.
  const byTraceOnly = owners.every(({ runtime, id }) => runtime === 'docker' && id.length === 12)
  return !byTraceOnly || !intent.daemons.some(({ runtime }) => runtime === 'docker')
}

function words(holder: Holder): string {
  const process = `process ${holder.pid ?? '?'}${holder.command === undefined ? '' : ` (${holder.command})`}`
  switch (holder.kind) {
    case 'descriptor':
      return `descriptor ${holder.fd ?? '?'} of ${process}`
    case 'socket':
      return `a socket, descriptor ${holder.fd ?? '?'}, of ${process}`
    case 'mount':
      return `the mount ${holder.path ?? ''}${holder.pid === undefined ? '' : ` as ${process} sees it`}`
    default:
      return `${holder.kind} of ${process}`
  }
}

/** Its cable is cut from the side that is alive: what holds the namespace may be doing so on purpose. */
function silence(
  left: readonly Interface[],
  place: Place,
  { wiring, scene }: Examination,
): Diagnosis['finding']['fix'] {
  const ends = left.flatMap((one) => wiring.seenPeer(one) ?? []).filter((peer) => peer.place.inode !== place.inode)
  const [end] = ends
  if (end === undefined) return null
  const fix = fixIn(
    end.place,
    scene,
    `Remove ${called(end)}, the cable that leads there.`,
    [['ip', 'link', 'delete', 'dev', end.name]],
    false,
  )
  const more = ends
    .slice(1)
    .flatMap((other) => fixIn(other.place, scene, '', [['ip', 'link', 'delete', 'dev', other.name]]).commands)
  return { ...fix, commands: [...fix.commands, ...more] }
}

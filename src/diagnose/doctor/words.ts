/** How findings speak of things, and the parts that they are made of. */
import type { Evidence, Finding, Fix, Subject } from '../finding.ts'
import { commandIn } from '../remedy/command-line.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import type { Interface } from './interface.ts'

/** `eth0 in docker:web` */
export function called(one: Interface): string {
  return `${one.name} in ${one.place.label}`
}

/** What a finding about a place, or an interface in it, is about. */
export function subjectOf(place: Place, one?: Interface | string): Subject {
  const owners = place.node.owners.filter(({ runtime }) => runtime !== 'process').map(({ name }) => name)
  const names = [...new Set([...place.node.names, ...owners])]
  const subject = { namespace: place.inode, names: names.length > 0 ? names : [place.label] }
  return one === undefined ? subject : { ...subject, interface: typeof one === 'string' ? one : one.name }
}

/** A fact that the kernel told by rtnetlink, unless another source is named. */
export function fact(text: string, source = 'rtnetlink'): Evidence {
  return { fact: text, source }
}

/** A way to mend it: commands, each a list of words to be run in a place. */
export function fixIn(
  place: Place,
  scene: Pick<Scene, 'home'>,
  summary: string,
  commands: readonly (readonly string[])[],
  safe = true,
): Fix {
  return { safe, summary, commands: commands.map((words) => commandIn(place, scene.home, words)) }
}

/** Words with commas, `and` before the last. */
export function listed(words: readonly string[], most = 4): string {
  const shown = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} others`] : words
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** Orders findings: worst first, then by the catalogue, then by place. */
export function bySeverity(a: Finding, b: Finding): number {
  return WEIGHT[a.severity] - WEIGHT[b.severity]
}

const WEIGHT = { error: 0, warning: 1, info: 2 } as const

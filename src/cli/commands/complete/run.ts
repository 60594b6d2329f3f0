/** Prints the words that mean a namespace of this host. */
import { directoriesOf, findDaemon } from '../../../daemon/index.ts'
import { type Graph, namespaceLabel, takeGraph } from '../../../host/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'

/** Nobody waits longer for the Tab key; what a runtime has not told by then is offered by its other words. */
const ownerDeadline = 300

/** Words that need no quoting in any shell. Others can be typed, but are not offered. */
const harmless = /^[\w.:@%+,/-]{1,128}$/

/** The code of `netwright __complete`. */
export async function run({ arguments: { KIND }, environment, terminal }: Invocation): Promise<ExitCode> {
  const words = await wordsOf(KIND, environment)
  await terminal.answer(words.map((word) => `${word}\n`).join(''))
  return ExitCode.done
}

async function wordsOf(kind: unknown, environment: Invocation['environment']): Promise<readonly string[]> {
  switch (kind) {
    case 'targets':
      return targetWords(await takeGraph({ environment, ownerDeadline }))
    case 'networks':
    case 'sandboxes':
      return objectWords(kind, environment)
    default:
      throw new UsageError('KIND is targets, networks or sandboxes')
  }
}

/** Names that the daemon knows; nobody opens the engine for the Tab key. */
async function objectWords(
  kind: 'networks' | 'sandboxes',
  environment: Invocation['environment'],
): Promise<readonly string[]> {
  const daemon = await findDaemon(directoriesOf(environment))
  if (daemon === undefined) return []
  const names =
    kind === 'networks'
      ? (await daemon.networks()).map(({ name }) => name)
      : (await daemon.sandboxes()).map(({ containerId }) => containerId)
  return names.filter((name) => harmless.test(name)).sort()
}

/** The best word for each namespace, and all names in /run/netns. */
export function targetWords(graph: Pick<Graph, 'namespaces'>): string[] {
  const words = graph.namespaces.flatMap((node) => [namespaceLabel(node), ...node.names.map((name) => `ns:${name}`)])
  return [...new Set(words)].filter((word) => harmless.test(word)).sort()
}

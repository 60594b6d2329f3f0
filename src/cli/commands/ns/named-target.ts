/** The namespace that a command line names. */
import {
  type Graph,
  type ResolvedTarget,
  resolveTarget,
  TARGET_RUNTIMES,
  TargetUnknownError,
} from '../../../host/index.ts'
import type { Terminal } from '../../command.ts'
import { printable } from '../../frame/escape.ts'

/**
 * Finds a target. When there is none, it also tells of runtimes that did not answer: what was meant may be one of theirs.
 * @throws TargetError when there is none, or more than one
 */
export function namedTarget(word: unknown, graph: Graph, terminal: Terminal): ResolvedTarget {
  try {
    return resolveTarget(String(word), graph)
  } catch (error) {
    if (error instanceof TargetUnknownError) {
      const silent = graph.warnings.filter((warning) => TARGET_RUNTIMES.some((runtime) => warning.startsWith(runtime)))
      for (const warning of silent) terminal.remark(`netwright: ${printable(warning, 500)}`)
    }
    throw error
  }
}

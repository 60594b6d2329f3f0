/** The field's words for kinds, and which of ours they mean. */
import type { NodeKindName } from './topology.ts'

/** Words that files have for kinds. `linux` with an image is a container; without one a namespace with the host's programs. */
export const KIND_WORDS: Readonly<Record<string, NodeKindName>> = {
  linux: 'linux',
  frr: 'frr',
  docker: 'docker',
  bridge: 'bridge',
  host: 'host',
  'ext-container': 'existing',
  existing: 'existing',
}

/** The kind that a word means. @param image what the node runs, if anything */
export function kindOf(word: string, image: string | undefined): NodeKindName | undefined {
  const kind = Object.hasOwn(KIND_WORDS, word) ? KIND_WORDS[word] : undefined
  return kind === 'linux' && image !== undefined ? 'docker' : kind
}

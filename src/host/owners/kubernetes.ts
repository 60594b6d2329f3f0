/**
 * Pods, as the runtimes below Kubernetes note them on each container: containerd's CRI plugin with `io.kubernetes.cri.…`,
 * CRI-O and dockershim with `io.kubernetes.pod.…`.
 */
import type { Owner } from '../graph.ts'

const SPELLINGS = [
  {
    name: 'io.kubernetes.cri.sandbox-name',
    namespace: 'io.kubernetes.cri.sandbox-namespace',
    uid: 'io.kubernetes.cri.sandbox-uid',
  },
  { name: 'io.kubernetes.pod.name', namespace: 'io.kubernetes.pod.namespace', uid: 'io.kubernetes.pod.uid' },
] as const

/** The pod that a container's labels or annotations tell of. Its name is `NAMESPACE/POD`. */
export function kubernetesPod(notes: Readonly<Record<string, string>>): Owner | undefined {
  for (const spelling of SPELLINGS) {
    const pod = notes[spelling.name]
    if (pod === undefined || pod === '') continue
    const name = `${notes[spelling.namespace] ?? 'default'}/${pod}`
    const labels = Object.values(spelling).flatMap((key) => {
      const value = notes[key]
      return value === undefined ? [] : [[key, value] as const]
    })
    return { runtime: 'kubernetes', id: notes[spelling.uid] ?? name, name, labels: Object.fromEntries(labels) }
  }
  return undefined
}

/**
 * Containers as control groups tell them: for runtimes that could not be asked, so that a namespace is known to be a
 * container's though not by name.
 */
import { processSource, type Word } from './claims-by-process.ts'
import { containerIdOf } from './container-id.ts'
import type { OwnerSource } from './owner-source.ts'

/** Last element of a control group path that holds a container's id, by runtime: systemd's driver, then cgroupfs's. */
const RUNTIMES: readonly (readonly [RegExp, string])[] = [
  [/^docker-[0-9a-f]{64}\.scope$/, 'docker'],
  [/^libpod-[0-9a-f]{64}(\.scope)?$/, 'podman'],
  [/^cri-containerd-[0-9a-f]{64}\.scope$/, 'containerd'],
  [/^nerdctl-[0-9a-f]{64}\.scope$/, 'containerd'],
  [/^crio-[0-9a-f]{64}(\.scope)?$/, 'cri-o'],
]

/** Elements above a bare id, where the element itself does not tell. */
const PARENTS: readonly (readonly [RegExp, string])[] = [
  [/^docker$/, 'docker'],
  [/^libpod_parent$/, 'podman'],
  [/^kubepods/, 'kubernetes'],
]

/** Containers without a name. */
export function containerTraces(): OwnerSource {
  return processSource('container', ({ cgroup }) => containerOfCgroup(cgroup))
}

/** The container that a control group path tells of; its name is the beginning of its id. */
export function containerOfCgroup(cgroup: string): Word | undefined {
  const id = containerIdOf(cgroup)
  const runtime = id === undefined ? undefined : runtimeOf(cgroup.split('/'), id)
  if (id === undefined || runtime === undefined) return undefined
  return { role: 'container', owner: { runtime, id, name: id.slice(0, 12), labels: {} } }
}

function runtimeOf(elements: readonly string[], id: string): string | undefined {
  const at = elements.findLastIndex((element) => element.includes(id))
  const element = elements[at] ?? ''
  const told = RUNTIMES.find(([pattern]) => pattern.test(element))?.[1]
  if (told !== undefined) return told
  const above = elements.slice(0, at).reverse()
  for (const parent of above) {
    const runtime = PARENTS.find(([pattern]) => pattern.test(parent))?.[1]
    if (runtime !== undefined) return runtime
  }
  return undefined
}

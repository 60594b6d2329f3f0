/** LXC and Incus containers, by control group: liblxc puts a container's processes below `lxc.payload.NAME`, or `lxc/NAME`. */
import { processSource, type Word } from './claims-by-process.ts'
import { NAME_LIMIT } from './foreign-value.ts'
import type { OwnerSource } from './owner-source.ts'

/** LXC as a source of owners. */
export function lxcSource(): OwnerSource {
  return processSource('lxc', ({ cgroup }) => lxcContainerOf(cgroup))
}

/** The container of a control group path, the outermost of nested ones. */
export function lxcContainerOf(cgroup: string): Word | undefined {
  // With `lxc/NAME` of liblxc 3 and older, or `lxc.payload/NAME` of 3.2; the monitor's own group is not the container's.
  const name = /\/lxc\.payload[./]([^/]+)/.exec(cgroup)?.[1] ?? /^\/lxc\/([^/]+)/.exec(cgroup)?.[1]
  if (name === undefined) return undefined
  const short = name.slice(0, NAME_LIMIT)
  return { role: 'container', owner: { runtime: 'lxc', id: short, name: short, labels: {} } }
}

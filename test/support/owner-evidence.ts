/** What discovery would see of the processes that a test started: gathered straight from /proc, without discovery. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { OwnerEvidence } from '../../src/host/owners/owner-source.ts'

/** Evidence about processes that live in other namespaces than ours, daemons by name, and the mounts that those see. */
export function gatherEvidence(isOurs: (pid: number) => boolean = () => true): OwnerEvidence {
  const own = inodeOf('self')
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isOurs)
  const evidence = pids.flatMap((pid) => attempt(() => describe(pid)) ?? [])
  const daemons = evidence.filter(({ command }) => ['dockerd', 'containerd-shim', 'conmon'].includes(command))
  return {
    processes: evidence.filter(({ inode }) => inode !== own),
    daemons: daemons.map(({ pid, command }) => ({ pid, command, arguments: argumentsOf(pid) })),
    mounts: daemons
      .filter(({ command }) => command === 'dockerd')
      .flatMap(({ pid }) => attempt(() => mountsOf(pid)) ?? []),
  }
}

/** Inode of the network namespace of a process. */
export function inodeOf(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/net`).slice('net:['.length, -1)
}

function describe(pid: number): OwnerEvidence['processes'][number] {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
  const paths = lines.map((line) => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1))
  return {
    pid,
    inode: inodeOf(pid),
    command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
    cgroup: paths.reduce((longest, path) => (path.length > longest.length ? path : longest), ''),
  }
}

function argumentsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
}

function mountsOf(pid: number): OwnerEvidence['mounts'][number][] {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [, , , root, path = ''] = line.split(' ')
    const inode = /^net:\[(\d+)\]$/.exec(root ?? '')?.[1]
    return inode === undefined ? [] : [{ inode, path, reachable: `/proc/${pid}/root${path}` }]
  })
}

/** Processes end while one looks at them. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

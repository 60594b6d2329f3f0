/**
 * What a process says of itself and what its control group says of it. Names and arguments are chosen by the process and may
 * hold any byte: escape them where they are shown.
 */
import { hasCode } from '../errors.ts'
import { readFileHere } from '../read-file.ts'

/** The process's name (comm), at most 15 bytes; empty when it has ended. */
export function commandOf(pid: number): string {
  const text = textOf(`/proc/${pid}/comm`)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

/** The arguments it was started with, its program first; none for kernel threads and ended processes. */
export function argumentsOf(pid: number): string[] {
  const text = textOf(`/proc/${pid}/cmdline`)
  if (text === '') return []
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
}

/**
 * The path of the process's control group, as `/system.slice/docker-<id>.scope`: of the unified hierarchy, unless it stays
 * at the top there and one of the version 1 hierarchies says more (cgroups(7)). Empty when the process has ended.
 */
export function controlGroupOf(pid: number): string {
  return tellingControlGroup(textOf(`/proc/${pid}/cgroup`))
}

/** The most telling path of a /proc/PID/cgroup text: lines of `hierarchy:controllers:path`. */
export function tellingControlGroup(text: string): string {
  let best = ''
  for (const line of text.split('\n')) {
    const [hierarchy, , ...rest] = line.split(':')
    // A path may hold colons itself.
    const path = rest.join(':')
    if (hierarchy === '0' && path !== '' && path !== '/') return path
    if (path.length > best.length) best = path
  }
  return best
}

function textOf(path: string): string {
  try {
    return readFileHere(path, 'read process').toString('utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return ''
    throw error
  }
}

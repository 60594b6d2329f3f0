/**
 * What the control group of a process uses of processor and memory: of version 2 (Documentation/admin-guide/cgroup-v2.rst),
 * or of version 1's controllers where those are in use.
 */
import { hasCode } from '../errors.ts'
import { readFileHere } from '../read-file.ts'

/** What all processes of a group use together. */
export interface ResourceUse {
  /** Path of the group, by which processes of one container are told from others. */
  readonly group: string
  /** Processor time since the group exists, in microseconds. */
  readonly cpuMicroseconds: number | undefined
  readonly memoryBytes: number | undefined
  /** Most memory that it may use; undefined without a limit. */
  readonly memoryLimit: number | undefined
}

const ROOT = '/sys/fs/cgroup'
/** Version 1 writes the largest number of pages where there is no limit. */
const NO_LIMIT = 2 ** 62

/** The use of the group that a process belongs to; undefined when the process has ended or is in no group of its own. */
export function resourceUseOf(pid: number): ResourceUse | undefined {
  const groups = controllersOf(textOf(`/proc/${pid}/cgroup`))
  const unified = groups.get('')
  if (unified !== undefined && unified !== '/') {
    for (const root of [ROOT, `${ROOT}/unified`]) {
      const use = unifiedUse(unified, `${root}${unified}`)
      if (use !== undefined) return use
    }
  }
  return legacyUse(groups)
}

/** Paths by controller of a /proc/PID/cgroup text; the unified hierarchy has none in front. */
export function controllersOf(text: string): Map<string, string> {
  const groups = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':')
    if (controllers === undefined || path.length === 0) continue
    for (const controller of controllers.split(',')) groups.set(controller, path.join(':'))
  }
  return groups
}

function unifiedUse(group: string, folder: string): ResourceUse | undefined {
  const statistics = textOf(`${folder}/cpu.stat`)
  const memory = numberOf(textOf(`${folder}/memory.current`))
  const [, cpu] = /^usage_usec (\d+)$/m.exec(statistics) ?? []
  // Without the memory controller this hierarchy only groups, and version 1 does the counting.
  if (memory === undefined) return undefined
  return {
    group,
    cpuMicroseconds: cpu === undefined ? undefined : Number(cpu),
    memoryBytes: memory,
    memoryLimit: numberOf(textOf(`${folder}/memory.max`)),
  }
}

function legacyUse(groups: ReadonlyMap<string, string>): ResourceUse | undefined {
  const cpu = groups.get('cpuacct')
  const memory = groups.get('memory')
  const group = [memory, cpu].find((path) => path !== undefined && path !== '/')
  if (group === undefined) return undefined
  // At the top of a hierarchy is what the whole host uses.
  const counted = cpu !== undefined && cpu !== '/'
  const nanoseconds = counted ? numberOf(textOf(`${ROOT}/cpuacct${cpu}/cpuacct.usage`)) : undefined
  const folder = memory === undefined || memory === '/' ? undefined : `${ROOT}/memory${memory}`
  const limit = folder === undefined ? undefined : numberOf(textOf(`${folder}/memory.limit_in_bytes`))
  return {
    group,
    cpuMicroseconds: nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1000),
    memoryBytes: folder === undefined ? undefined : numberOf(textOf(`${folder}/memory.usage_in_bytes`)),
    memoryLimit: limit === undefined || limit >= NO_LIMIT ? undefined : limit,
  }
}

/** `max` is no number. */
function numberOf(text: string): number | undefined {
  return /^\d+\n?$/.test(text) ? Number(text) : undefined
}

function textOf(path: string): string {
  try {
    return readFileHere(path, 'read control group').toString('utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM', 'ENODEV', 'EOPNOTSUPP', 'EINVAL')) return ''
    throw error
  }
}

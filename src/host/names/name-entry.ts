/** What stands in /run/netns: the bare facts of each entry, before they are judged. */
import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { hasCode, NAMED_NAMESPACES, Namespace, processStartedAt } from '../../kernel/index.ts'
import { namePath } from './name.ts'

/** The namespace that an entry leads to. */
export interface EntryNamespace {
  /** nsfs inode, decimal. */
  readonly inode: string
  /** The kernel's never re-used id, decimal, where there is one. */
  readonly id: string | null
}

/** A process that a symbolic link names. */
export interface LinkedProcess {
  readonly pid: number
  /** Milliseconds since 1970; undefined when there is no such process. */
  readonly startedAt: number | undefined
}

/** One entry of /run/netns. */
export interface NameEntry {
  readonly name: string
  /** `other` stands for directories, pipes, devices, and mounts of something else than a network namespace. */
  readonly kind: 'mount' | 'link' | 'file' | 'other'
  readonly namespace: EntryNamespace | undefined
  /** Of a symbolic link. */
  readonly link:
    | { readonly target: string; readonly madeAt: number; readonly process: LinkedProcess | undefined }
    | undefined
}

/** All entries, sorted by name; none when the directory does not exist. @throws EACCES */
export function readNameEntries(): NameEntry[] {
  let names: string[]
  try {
    names = readdirSync(NAMED_NAMESPACES)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
  return names.sort().flatMap((name) => readNameEntry(name) ?? [])
}

/** One entry; undefined when there is none of that name. @throws EACCES */
export function readNameEntry(name: string): NameEntry | undefined {
  let status: Stats
  try {
    status = lstatSync(namePath(name))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENAMETOOLONG')) return undefined
    throw error
  }
  if (status.isSymbolicLink()) return readLink(name, status)
  if (!status.isFile()) return { name, kind: 'other', namespace: undefined, link: undefined }
  const namespace = namespaceBehind(name)
  if (namespace !== undefined) return { name, kind: 'mount', namespace, link: undefined }
  // A mount of another file has another device than the directory that it stands in.
  const mounted = status.dev !== statSync(NAMED_NAMESPACES).dev
  return { name, kind: mounted ? 'other' : 'file', namespace: undefined, link: undefined }
}

function readLink(name: string, status: Stats): NameEntry {
  const target = readlinkSync(namePath(name))
  const pid = /^\/proc\/(\d{1,10})\/(?:task\/\d{1,10}\/)?ns\/net$/.exec(target)?.[1]
  return {
    name,
    kind: 'link',
    namespace: namespaceBehind(name),
    link: {
      target,
      madeAt: status.mtimeMs,
      process: pid === undefined ? undefined : { pid: Number(pid), startedAt: processStartedAt(Number(pid)) },
    },
  }
}

function namespaceBehind(name: string): EntryNamespace | undefined {
  try {
    // Opening a pipe would wait for its writer; a namespace is a regular file.
    if (!statSync(namePath(name)).isFile()) return undefined
    using namespace = Namespace.open({ name })
    return { inode: namespace.identity.inode, id: namespace.identity.id?.toString() ?? null }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EINVAL', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined
    throw error
  }
}

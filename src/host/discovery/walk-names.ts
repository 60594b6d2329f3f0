/** The entries of /run/netns: names that lead to namespaces, and those that lead nowhere. */
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { DENIED, GONE, hasCode, NAMED_NAMESPACES, namespaceOfLink } from '../../kernel/index.ts'
import type { FoundNamespaces } from './found-namespaces.ts'
import type { BrokenName } from './sighting.ts'
import type { OwnMounts } from './walk-mounts.ts'

type Problem = BrokenName['problem']

/** Links to links are followed this far. */
const MOST_LINKS = 8

/** Writes down the names of namespaces; returns those that lead to none. */
export function walkNames(own: OwnMounts, found: FoundNamespaces): BrokenName[] {
  const broken: BrokenName[] = []
  for (const name of entries()) {
    const path = `${NAMED_NAMESPACES}/${name}`
    const mounted = own.get(path)
    if (mounted !== undefined) found.at(mounted).names.push(name)
    else walkUnmounted(name, path, own, found, broken)
  }
  return broken
}

function entries(): string[] {
  try {
    return readdirSync(NAMED_NAMESPACES)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return []
    throw error
  }
}

function walkUnmounted(name: string, path: string, own: OwnMounts, found: FoundNamespaces, broken: BrokenName[]): void {
  const status = statusOf(path)
  if (status === undefined) return
  if (!status.isSymbolicLink()) {
    const plain = status.isFile() && status.dev === statusOf(NAMED_NAMESPACES)?.dev
    broken.push({ name, path, problem: plain ? 'plain-file' : 'not-a-network-namespace' })
    return
  }
  const target = targetOf(path)
  if (target === undefined) return
  const end = followLink(resolve(NAMED_NAMESPACES, target), own, MOST_LINKS)
  if (typeof end === 'string') broken.push({ name, path, problem: end, target })
  else if (end !== DENIED) found.at(end).names.push(name)
}

/**
 * The inode of the namespace that a link leads to, DENIED, or what is wrong with it. Only /proc and /run are looked into:
 * elsewhere a file system may hang that has lost its server.
 */
function followLink(target: string, own: OwnMounts, left: number): number | Problem {
  const path = target.startsWith('/var/run/') ? target.slice('/var'.length) : target
  const mounted = own.get(path)
  if (mounted !== undefined) return mounted
  if (/^\/proc\/[^/]+\/(?:task\/\d+\/)?(?:ns\/net|fd\/\d+)$/.test(path)) {
    const inode = namespaceOfLink(path)
    return inode === GONE ? 'dangling-link' : inode
  }
  if (!path.startsWith('/run/')) return 'not-a-network-namespace'
  const status = statusOf(path)
  if (status === undefined || left === 0) return 'dangling-link'
  const next = status.isSymbolicLink() ? targetOf(path) : undefined
  return next === undefined ? 'not-a-network-namespace' : followLink(resolve(path, '..', next), own, left - 1)
}

function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    // Gone since the directory was read, or not ours to see.
    return undefined
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

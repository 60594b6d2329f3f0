/**
 * Pinning a namespace: a bind mount keeps it alive without a process, and leads to it whatever becomes of process numbers.
 * Done the way of ip-netns(8), so that both know each other's names.
 */

import { mkdirSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { EINVAL, O_CLOEXEC, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../constants.ts'
import { check, hasCode, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { bindMount, bindMountDescriptor, setPropagation, unmount } from '../mounts.ts'
import type { NamespaceHandle } from './enter.ts'
import { isNetworkNamespace } from './identity.ts'
import { NAMED_NAMESPACES } from './namespace.ts'

const O_EXCL = 0o200

/**
 * Mounts a namespace at `path`, which must not exist yet: an empty file is made there for the mount. In /run/netns the
 * directory is prepared first. When the mount is refused, the file goes again.
 * @throws KernelError EEXIST, ENOENT without the directory, EPERM without CAP_SYS_ADMIN
 */
export function pinNamespace(namespace: NamespaceHandle, path: string): void {
  if (dirname(path) === NAMED_NAMESPACES) prepareNamedNamespaces()
  libc.close(check(libc.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), 'make mount point', path))
  try {
    bindMountDescriptor(namespace.fd, path)
  } catch (error) {
    unlinkSync(path)
    throw error
  }
}

/**
 * Unmounts the namespace at `path` and removes the file that carried it. Whoever still uses the namespace keeps it.
 * @throws KernelError EINVAL when `path` is no network namespace's mount; it is left alone then
 */
export function unpinNamespace(path: string): void {
  if (!isPinned(path)) throw new KernelError({ operation: 'unpin network namespace', errno: EINVAL, subject: path })
  // There are two when /run/netns was bound to itself with names already in it.
  while (isPinned(path)) unmount(path, { lazily: true })
  unlinkSync(path)
}

/** True when a network namespace is mounted at `path`. Pipes are not waited for, and links not followed. */
function isPinned(path: string): boolean {
  const fd = libc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0)
  if (fd < 0) return false
  const pinned = isNetworkNamespace(fd)
  libc.close(fd)
  return pinned
}

/**
 * Makes /run/netns, and makes it a shared mount: names given here then appear in the mount namespaces that were copied from
 * ours, and those that are taken away disappear there too, instead of keeping the namespace alive unseen
 * (mount_namespaces(7)). Nothing happens when it is one already.
 * @throws KernelError EPERM without CAP_SYS_ADMIN
 */
export function prepareNamedNamespaces(): void {
  mkdirSync(NAMED_NAMESPACES, { recursive: true, mode: 0o755 })
  try {
    setPropagation(NAMED_NAMESPACES, 'shared', { recursive: true })
  } catch (error) {
    // Not a mount point yet.
    if (!hasCode(error, 'EINVAL')) throw error
    bindMount(NAMED_NAMESPACES, NAMED_NAMESPACES, { recursive: true })
    setPropagation(NAMED_NAMESPACES, 'shared', { recursive: true })
  }
}

/** Mounts: bind, propagation, unmount (mount(2), umount2(2), mount_namespaces(7)). */
import { check } from './errors.ts'
import * as libc from './libc.ts'

const MS_BIND = 0x1000
const MS_REC = 0x4000
const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8

/** How mounts and unmounts below a mount point travel to the copies of it in other mount namespaces. */
export type Propagation = 'shared' | 'private' | 'slave' | 'unbindable'

const propagationFlags: Record<Propagation, number> = {
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
}

/**
 * Shows `source` at `target` as well; both exist, and both are files or both directories. Symbolic links are followed, also
 * the magic ones of /proc/PID/ns, which is how a namespace gets pinned.
 * @throws KernelError ENOENT, ENOTDIR, EPERM; EINVAL when `source` is a mount of an unbindable mount or of another mount
 *   namespace
 */
export function bindMount(source: string, target: string, options: { readonly recursive?: boolean } = {}): void {
  const flags = MS_BIND | (options.recursive === true ? MS_REC : 0)
  check(libc.mount(cString(source), cString(target), null, flags, null), 'bind mount', `${source} at ${target}`)
}

/** Shows what an open descriptor refers to at `target`: pins a namespace of which only the descriptor is known. */
export function bindMountDescriptor(fd: number, target: string): void {
  bindMount(`/proc/thread-self/fd/${fd}`, target)
}

/**
 * Sets how mounts below `target`, which must be a mount point, propagate.
 * @throws KernelError EINVAL when `target` is no mount point
 */
export function setPropagation(
  target: string,
  propagation: Propagation,
  options: { readonly recursive?: boolean } = {},
): void {
  const flags = propagationFlags[propagation] | (options.recursive === true ? MS_REC : 0)
  check(libc.mount(null, cString(target), null, flags, null), `make mount ${propagation}`, target)
}

/**
 * Removes the topmost mount at `target`. `lazily` takes it out of the tree now and lets the kernel release it when its last
 * user is done. A symbolic link at `target` is never followed, so that what it points to stays.
 * @throws KernelError EINVAL when nothing is mounted there, EBUSY when it is in use and `lazily` was not asked for
 */
export function unmount(target: string, options: { readonly lazily?: boolean } = {}): void {
  const flags = UMOUNT_NOFOLLOW | (options.lazily === true ? MNT_DETACH : 0)
  check(libc.umount2(cString(target), flags), 'unmount', target)
}

/** C ends a string at its first NUL, and would act on another path than the caller named. */
function cString(path: string): string {
  if (path.includes('\0')) throw new TypeError(`the path ${JSON.stringify(path)} holds a NUL character`)
  return path
}

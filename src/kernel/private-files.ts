/**
 * A view of the file systems that this process alone has: some files replaced, /sys showing the network namespace that the
 * thread is in. It exists only in a mount namespace of its own, so the host sees nothing of it and it ends with the process.
 */

import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { ENOENT } from './constants.ts'
import { check, hasCode, KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { readMountTable } from './mount-table.ts'
import { bindMount, setPropagation, unmount } from './mounts.ts'

/** A file that stands in place of the host's. */
export interface PrivateFile {
  /** Where, absolute: `/etc/resolv.conf`. It must exist on the host, because a mount needs something to stand on. */
  readonly path: string
  readonly content: Uint8Array
}

const CLONE_NEWNS = 0x20000
const MS_RDONLY = 1
const MS_NOSUID = 2
const MS_NODEV = 4
const MS_NOEXEC = 8
const MS_MOVE = 0x2000
/** Covered by a small file system of our own while the view is being made; any directory that every host has would do. */
const WORKSHOP = '/tmp'

/**
 * Moves the calling thread into a mount namespace of its own and replaces `files` there. There is no way back: for a process
 * that is about to become another program.
 * @throws KernelError EPERM without CAP_SYS_ADMIN, ENOENT when the host lacks one of the files
 */
export function showPrivately(files: readonly PrivateFile[]): void {
  const places = files.map((file) => ({ ...file, path: realPlace(file.path) }))
  check(libc.unshare(CLONE_NEWNS), 'create mount namespace')
  // Mounts that the host makes later still arrive here, ours do not go there. The root must be a mount point, which it is.
  setPropagation('/', 'slave', { recursive: true })
  mountFileSystem('tmpfs', WORKSHOP, MS_NOSUID | MS_NODEV)
  places.forEach(({ path, content }, i) => {
    const source = `${WORKSHOP}/file-${i}`
    writeFileSync(source, content, { mode: 0o644 })
    bindMount(source, path)
  })
  showOwnDevices()
  // The replaced files keep the file system alive; what it covered comes back.
  unmount(WORKSHOP, { lazily: true })
}

/** Where a path leads: /etc/resolv.conf is a link to /run/systemd/resolve/… on many hosts, and mounts follow links anyway. */
function realPlace(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    throw new KernelError({ operation: 'replace file', errno: ENOENT, subject: path })
  }
}

/**
 * Mounts /sys anew: a sysfs shows the network namespace of whoever mounted it. What was mounted below (control groups, bpf,
 * debugfs) is carried over.
 */
function showOwnDevices(): void {
  const mounts = readMountTable('self')
  // The last mount at a place is the one that is seen.
  const sys = mounts.findLast((mount) => mount.mountPoint === '/sys')
  if (sys === undefined) return
  const below = mounts.filter((mount) => mount.parent === sys.id)
  below.forEach((mount, i) => {
    // A mount of a file stands on a file only.
    if (statSync(mount.mountPoint).isDirectory()) mkdirSync(`${WORKSHOP}/sys-${i}`)
    else writeFileSync(`${WORKSHOP}/sys-${i}`, '')
    bindMount(mount.mountPoint, `${WORKSHOP}/sys-${i}`, { recursive: true })
  })
  uncover('/sys')
  const readOnly = sys.options.split(',').includes('ro') ? MS_RDONLY : 0
  mountFileSystem('sysfs', '/sys', MS_NOSUID | MS_NODEV | MS_NOEXEC | readOnly)
  below.forEach((mount, i) => {
    check(libc.mount(`${WORKSHOP}/sys-${i}`, mount.mountPoint, null, MS_MOVE, null), 'move mount', mount.mountPoint)
  })
}

/** Takes a mount away with all that is below it. In a user namespace it may be locked (mount_namespaces(7)): then it stays. */
function uncover(path: string): void {
  try {
    unmount(path, { lazily: true })
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'EPERM')) throw error
  }
}

function mountFileSystem(type: string, target: string, flags: number): void {
  check(libc.mount(type, target, type, flags, null), `mount ${type}`, target)
}

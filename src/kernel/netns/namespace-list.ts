/**
 * The kernel's own list of network namespaces: listns(2), Linux 6.19. It names those that a task, an open file or a mount
 * keeps active; one that only sockets hold is not in it (kernel/nstree.c).
 */
import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from '../constants.ts'
import * as libc from '../libc.ts'
import { readU64, writeS32, writeU32, writeU64 } from '../netlink/byte-order.ts'
import { inodeOf } from './identity.ts'

/** The same number on every architecture (asm-generic/unistd.h). */
const SYS_LISTNS = 470
/** A descriptor that stands for the root of nsfs (linux/fcntl.h), Linux 6.18. */
const FD_NSFS_ROOT = -10003
/** Type of an nsfs file handle (linux/exportfs.h). */
const FILEID_NSFS = 0xf1
const PAGE = 512

/** A namespace that the kernel listed. */
export interface ListedNamespace {
  /** The kernel's id of it, which is never used again. */
  readonly id: bigint
  /** nsfs inode */
  readonly inode: number
}

/** The active network namespaces; none when the kernel has no such list or does not show it to us. */
export function listNamespaces(): ListedNamespace[] {
  return (listNamespaceIds() ?? []).flatMap((id) => {
    const fd = openNamespaceById(id)
    if (fd === undefined) return []
    const inode = inodeOf(fd)
    libc.close(fd)
    return { id, inode }
  })
}

/**
 * Ids of the active network namespaces, ascending; undefined when the kernel has no such call or does not tell us: it tells
 * everything only to CAP_SYS_ADMIN in the initial process namespace.
 */
export function listNamespaceIds(): bigint[] | undefined {
  const out: bigint[] = []
  const page = Buffer.alloc(PAGE * 8)
  for (let after = 0n; ; ) {
    const count = libc.listns(SYS_LISTNS, listRequest(after), page, PAGE, 0)
    if (count < 0) return undefined
    for (let i = 0; i < count; i++) out.push(readU64(page, i * 8))
    const last = out.at(-1)
    if (count < PAGE || last === undefined || last <= after) return out
    after = last
  }
}

/** Opens a namespace by its id. The caller closes it; undefined when it is gone, or the kernel cannot. */
export function openNamespaceById(id: bigint): number | undefined {
  const fd = libc.openByHandleAt(FD_NSFS_ROOT, namespaceHandle(id), O_RDONLY | O_CLOEXEC)
  return fd < 0 ? undefined : fd
}

/** struct ns_id_req (linux/nsfs.h): the network namespaces whose id is above `after`. */
export function listRequest(after: bigint): Buffer {
  const request = Buffer.alloc(32)
  writeU32(request, request.length, 0)
  writeU64(request, after, 8)
  writeU32(request, CLONE_NEWNET, 16)
  return request
}

/**
 * struct file_handle around struct nsfs_file_handle. Zero for the namespace's type and inode leaves them to the kernel,
 * which then goes by the id alone (nsfs_fh_to_dentry in fs/nsfs.c).
 */
export function namespaceHandle(id: bigint): Buffer {
  const handle = Buffer.alloc(24)
  writeU32(handle, 16, 0)
  writeS32(handle, FILEID_NSFS, 4)
  writeU64(handle, id, 8)
  return handle
}

/**
 * The mount table of a process's mount namespace, /proc/PID/mountinfo (proc_pid_mountinfo(5)). Paths are as that process sees
 * them, below its root directory: reach them through /proc/PID/root.
 */
import { readFileHere } from './read-file.ts'

/** One mount. */
export interface Mount {
  /** Id of the mount, unique while it lives. */
  readonly id: number
  /** Id of the mount that it is mounted on; its own at the top of the tree. */
  readonly parent: number
  /** Device number of the file system, `major:minor`. */
  readonly device: string
  /** What of the file system is shown: a path in it, or `net:[4026532373]` for a namespace. */
  readonly root: string
  /** Where it is mounted. Bytes that are not UTF-8 are shown as U+FFFD. */
  readonly mountPoint: string
  /** Options of this mount, as `rw,nosuid`. */
  readonly options: string
  /** Peer group that it shares mounts with, if any. */
  readonly shared: number | undefined
  /** Peer group that it receives mounts from, if any. */
  readonly master: number | undefined
  readonly unbindable: boolean
  readonly fileSystem: string
  readonly source: string
  /** Options of the file system, as `rw,lowerdir=…`. */
  readonly superOptions: string
}

/** A namespace that is bind-mounted somewhere. */
export interface NsfsMount {
  /** Id of the mount. */
  readonly id: number
  /** The namespace's type as nsfs names it: `net`, `mnt`, `pid`, … */
  readonly type: string
  /** The namespace's inode, decimal. */
  readonly inode: string
  /** Device number of nsfs, `major:minor`. */
  readonly device: string
  /** Where it is mounted, as the process sees it. */
  readonly mountPoint: string
}

const LINE_END = 0x0a
// A space within a field is written \040, so this cannot occur in a path.
const NSFS = Buffer.from(' - nsfs ')
/** Such a line: id, device, type and inode of the namespace, mount point; then options and any number of tags. */
const NSFS_LINE = /^(\d+) \d+ (\d+:\d+) ([a-z_]+):\[(\d+)\] ([^ \n]*) [^ \n]*(?: [^ \n-][^ \n]*)* - nsfs /gm

/** All mounts that process `pid` sees. @throws KernelError ENOENT or ESRCH when it is gone, EACCES */
export function readMountTable(pid: number | 'self'): Mount[] {
  return parseMountTable(readFileHere(`/proc/${pid}/mountinfo`, 'read mount table'))
}

/**
 * The namespaces mounted in the mount namespace of process `pid`. Looks for them without reading the other lines: a host has
 * thousands of mounts in each of thousands of mount namespaces.
 * @throws KernelError ENOENT or ESRCH when the process is gone, EACCES
 */
export function nsfsMounts(pid: number | 'self'): NsfsMount[] {
  return parseNsfsMounts(readFileHere(`/proc/${pid}/mountinfo`, 'read mount table'))
}

/** Parses a mount table; lines that are cut short or malformed are left out. */
export function parseMountTable(bytes: Buffer): Mount[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((line) => parseLine(line) ?? [])
}

/**
 * Picks the namespaces out of a mount table. Where a thousand are mounted, most of the cost of finding them all is here;
 * therefore only what is wanted of a line is taken apart.
 */
export function parseNsfsMounts(bytes: Buffer): NsfsMount[] {
  const first = bytes.indexOf(NSFS)
  if (first < 0) return []
  const start = first === 0 ? 0 : bytes.lastIndexOf(LINE_END, first) + 1
  const lines = bytes.toString('utf8', start, bytes.lastIndexOf(NSFS) + NSFS.length)
  const out: NsfsMount[] = []
  for (const [, id, device, type, inode, mountPoint] of lines.matchAll(NSFS_LINE)) {
    out.push({ id: Number(id), type: type!, inode: inode!, device: device!, mountPoint: unescapeField(mountPoint!) })
  }
  return out
}

/** `36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw,errors=continue`, with any number of tags. */
function parseLine(line: string): Mount | undefined {
  const separator = line.indexOf(' - ')
  if (separator < 0) return undefined
  const [id, parent, device, root, mountPoint, options, ...tags] = line.slice(0, separator).split(' ')
  // A mount with an empty source has two spaces in a row here, which enclose an empty field.
  const [fileSystem, source, ...superOptions] = line.slice(separator + 3).split(' ')
  if (options === undefined || mountPoint === undefined || root === undefined || device === undefined) return undefined
  if (!/^\d+$/.test(id ?? '') || !/^\d+$/.test(parent ?? '') || !/^\d+:\d+$/.test(device)) return undefined
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescapeField(root),
    mountPoint: unescapeField(mountPoint),
    options,
    shared: tagNumber(tags, 'shared:'),
    master: tagNumber(tags, 'master:'),
    unbindable: tags.includes('unbindable'),
    fileSystem: unescapeField(fileSystem ?? ''),
    source: unescapeField(source ?? ''),
    superOptions: unescapeField(superOptions.join(' ')),
  }
}

/** Undoes the octal escapes that the kernel writes for space (`\040`), tab, line end, `#` and backslash (seq_file.c). */
function unescapeField(field: string): string {
  if (!field.includes('\\')) return field
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

function tagNumber(tags: readonly string[], prefix: string): number | undefined {
  const value = tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length)
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

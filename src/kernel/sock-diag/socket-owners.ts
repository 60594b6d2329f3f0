/** Which processes hold a socket: the kernel's socket tables name an inode, and `/proc/PID/fd` leads from there to processes. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hasCode } from '../errors.ts'

/** A descriptor of a process that holds a socket. */
export interface SocketOwner {
  readonly pid: number
  readonly fd: number
  /** The process's name (comm), at most 15 bytes and freely chosen by it. */
  readonly command: string
}

/** Holders of sockets by inode, and what could not be looked at. */
export interface SocketOwners {
  readonly owners: ReadonlyMap<number, readonly SocketOwner[]>
  /** Processes whose descriptors may not be read (another user's, without CAP_SYS_PTRACE): they may hold more. */
  readonly unreadable: number
}

/**
 * Finds the processes that hold any of `inodes`, in one walk over `/proc`. Processes that end meanwhile are passed over.
 * @param proc the proc file system to walk, which shows the processes of its own pid namespace
 */
export function socketOwners(inodes: Iterable<number>, proc = '/proc'): SocketOwners {
  const wanted = new Map<string, number>()
  for (const inode of inodes) if (inode !== 0) wanted.set(`socket:[${inode}]`, inode)
  const owners = new Map<number, SocketOwner[]>()
  let unreadable = 0
  if (wanted.size === 0) return { owners, unreadable }
  for (const entry of readdirSync(proc)) {
    if (!/^\d+$/.test(entry)) continue
    const held = socketsOf(`${proc}/${entry}`, wanted)
    if (held === undefined) {
      unreadable++
      continue
    }
    for (const { inode, fd } of held)
      hold(owners, inode, { pid: Number(entry), fd, command: commandOf(`${proc}/${entry}`) })
  }
  return { owners, unreadable }
}

function hold(owners: Map<number, SocketOwner[]>, inode: number, owner: SocketOwner): void {
  const known = owners.get(inode)
  if (known === undefined) owners.set(inode, [owner])
  else known.push(owner)
}

/** The wanted sockets among a process's descriptors; undefined when they may not be read. */
function socketsOf(process: string, wanted: ReadonlyMap<string, number>): { inode: number; fd: number }[] | undefined {
  const held: { inode: number; fd: number }[] = []
  try {
    for (const fd of readdirSync(`${process}/fd`)) {
      const inode = wanted.get(linkOf(`${process}/fd/${fd}`))
      if (inode !== undefined) held.push({ inode, fd: Number(fd) })
    }
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) return undefined
    if (!vanished(error)) throw error
  }
  return held
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    // The descriptor was closed since the directory was read.
    if (vanished(error)) return ''
    throw error
  }
}

function commandOf(process: string): string {
  try {
    return readFileSync(`${process}/comm`, 'utf8').replace(/\n$/, '')
  } catch {
    return ''
  }
}

/** ESRCH is what /proc says of a process that ended while its directory was open. */
function vanished(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ESRCH')
}

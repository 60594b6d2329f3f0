/** Files of nsfs, the file system that all namespaces are files of, told from others without opening them. */
import { AT_FDCWD, STATX_INO } from '../constants.ts'
import * as libc from '../libc.ts'
import { readU32, readU64 } from '../netlink/byte-order.ts'

/** struct statx: stx_ino at 32, stx_dev_major at 136, stx_dev_minor behind it. */
const INODE = 32
const DEVICE = 136
const status = Buffer.alloc(256)
let device: string | undefined

/**
 * Inode of a file when it is a namespace, of whatever type; undefined when it is anything else, or gone.
 * @param directory descriptor that `path` begins at
 */
export function inodeOnNsfs(directory: number, path: string): number | undefined {
  device ??= deviceOf(AT_FDCWD, '/proc/self/ns/net')
  if (device === undefined || deviceOf(directory, path) !== device) return undefined
  return Number(readU64(status, INODE))
}

function deviceOf(directory: number, path: string): string | undefined {
  if (libc.statx(directory, path, 0, STATX_INO, status) < 0) return undefined
  return `${readU32(status, DEVICE)}:${readU32(status, DEVICE + 4)}`
}

/**
 * A look at LMDB's file before LMDB maps it: reading a mapping beyond the end of its file ends the process with a signal
 * (SIGBUS, mmap(2)), which no `catch` sees. The layout is that of `MDB_meta` in LMDB's mdb.c, 64-bit, in the host's order.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

const MAGIC = 0xbeefc0de
const META_BYTES = 160
/** Offsets in a meta page, which begins with a page header of 24 bytes. */
const AT = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152 } as const

/**
 * Makes sure that LMDB can map the file. One that is shorter than its meta page says is lengthened with zeros, which LMDB
 * reports as damage where it matters: pages that were freed in the transaction that took them are never written.
 * @throws Error when it is no LMDB file
 */
export function checkDataFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    const { size } = fstatSync(fd)
    const first = readMeta(fd, 0)
    const second = readMeta(fd, first.pageSize)
    const { lastPage } = second.transaction > first.transaction ? second : first
    const needed = (lastPage + 1) * first.pageSize
    if (needed > Number.MAX_SAFE_INTEGER || lastPage < 1) throw new Error('it is damaged at its beginning')
    if (size < needed) ftruncateSync(fd, needed)
  } finally {
    closeSync(fd)
  }
}

interface Meta {
  readonly pageSize: number
  readonly lastPage: number
  readonly transaction: number
}

function readMeta(fd: number, offset: number): Meta {
  const bytes = Buffer.alloc(META_BYTES)
  const length = readSync(fd, bytes, 0, META_BYTES, offset)
  if (length < META_BYTES) throw new Error('it is cut off at its beginning')
  const little = endianness() === 'LE'
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const u64 = (at: number): number => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
  const pageSize = u32(AT.pageSize)
  if (u32(AT.magic) !== MAGIC || pageSize < 256 || pageSize > 1 << 16) throw new Error('it is not an LMDB file')
  return { pageSize, lastPage: u64(AT.lastPage), transaction: u64(AT.transaction) }
}

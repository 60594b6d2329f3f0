/**
 * resolv.conf and hosts of a sandbox on disk. They are mounted into containers, so they are changed in place: a new file
 * under the same name would not be seen there. What is in them is the container's to change; edits are kept.
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { addHosts, type HostsLine, newHosts, removeHosts } from './hosts-file.ts'

/** Longer ones are left alone: a container may write what it likes, and we do not read it all. */
const LARGEST_FILE = 1 << 20
const READABLE_BY_ALL = 0o644

/** The files in one directory. */
export class SandboxFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Writes resolv.conf, unless it was edited since it was written last. @returns false when it was, and is left alone */
  writeResolvConf(text: string): boolean {
    const path = join(this.#directory, 'resolv.conf')
    const current = readInPlace(path)
    if (current === text) return true
    if (current !== undefined && current !== '' && !this.#hashes().includes(hash(current))) return false
    // Both hashes go first: whether killed before or after the file itself is written, the next start knows it for ours.
    writeInPlace(join(this.#directory, HASH), `${hash(text)}\n${hash(current ?? '')}\n`)
    writeInPlace(path, text)
    return true
  }

  #hashes(): string[] {
    return readInPlace(join(this.#directory, HASH))?.split('\n') ?? []
  }

  /** Makes the hosts file, or adds `lines` to the one that is there. @throws EngineError option-invalid */
  addHosts(lines: readonly HostsLine[]): void {
    this.#changeHosts((text) => (text === '' ? newHosts(lines) : addHosts(text, lines)), '')
  }

  /** Takes lines out of the hosts file, if there is one. @throws EngineError option-invalid */
  removeHosts(lines: readonly HostsLine[]): void {
    this.#changeHosts((text) => removeHosts(text, lines), undefined)
  }

  #changeHosts(change: (text: string) => string, missing: string | undefined): void {
    const path = join(this.#directory, 'hosts')
    const current = readInPlace(path) ?? missing
    if (current === undefined || Buffer.byteLength(current) >= LARGEST_FILE) return
    const text = change(current)
    if (text !== current) writeInPlace(path, text)
  }
}
const HASH = 'resolv.conf.hash'

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The file's text, up to LARGEST_FILE bytes; undefined when there is none. */
function readInPlace(path: string): string | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, LARGEST_FILE))
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(fd)
  }
}

/** Writes over the file and cuts it to length: at no instant is it empty, as it would be if it were cut first. */
function writeInPlace(path: string, text: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const fd = openSync(path, flags, READABLE_BY_ALL)
  try {
    const bytes = Buffer.from(text)
    let written = 0
    while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written, written)
    ftruncateSync(fd, bytes.length)
  } finally {
    closeSync(fd)
  }
}

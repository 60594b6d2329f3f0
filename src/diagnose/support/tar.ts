/** Archives as tar(5) writes them, in the format ustar (POSIX.1-1988). */

/** A file of an archive. */
export interface ArchiveFile {
  /** At most 100 bytes of ASCII, without a slash in front. */
  readonly path: string
  readonly content: Uint8Array
}

const BLOCK = 512
const LONGEST_PATH = 100
/** Owner reads and writes: what is in it is for those whom its owner gives it to. */
const MODE = 0o600

/**
 * An archive of files.
 * @param modified when they were made, in milliseconds since 1970
 * @throws RangeError for a path that does not fit
 */
export function tarArchive(files: readonly ArchiveFile[], modified: number): Buffer {
  const parts = files.flatMap(({ path, content }) => [
    header(path, content.length, modified),
    Buffer.from(content),
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ])
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(path: string, size: number, modified: number): Buffer {
  if (!/^[\x20-\x7e]+$/.test(path) || path.length > LONGEST_PATH || path.startsWith('/')) {
    throw new RangeError(`${JSON.stringify(path)} is no path for an archive`)
  }
  const block = Buffer.alloc(BLOCK)
  block.write(path, 0, 'latin1')
  octal(block, MODE, 100, 8)
  octal(block, 0, 108, 8)
  octal(block, 0, 116, 8)
  octal(block, size, 124, 12)
  octal(block, Math.floor(modified / 1000), 136, 12)
  block.fill(' ', 148, 156)
  block.write('0', 156, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  // The sum of all bytes of the header, its own field taken as blanks.
  const sum = block.reduce((so, byte) => so + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1')
  return block
}

function octal(block: Buffer, value: number, at: number, length: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
}

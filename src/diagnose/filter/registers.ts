/** The registers that expressions of nf_tables work on: 64 bytes, as words of four or as four of sixteen. */

const BYTES = 64
const WORD = 4
const OLD_REGISTER = 16
/** NFT_REG32_00 */
const FIRST_WORD = 8

/** Where a register begins in the 64 bytes. */
function offsetOf(register: number): number {
  const offset = register >= FIRST_WORD ? (register - FIRST_WORD) * WORD : (register - 1) * OLD_REGISTER
  return Math.min(Math.max(offset, 0), BYTES)
}

/** Registers of one chain's evaluation. */
export class Registers {
  /** Twice as many as there are: what is loaded from the last one on is long enough, whatever a rule says. */
  readonly #bytes = Buffer.alloc(2 * BYTES)

  /** The bytes from `register` on; a view. */
  load(register: number, length: number): Buffer {
    const offset = offsetOf(register)
    return this.#bytes.subarray(offset, offset + Math.min(length, BYTES))
  }

  /** Stores bytes; the rest of the last word becomes zero, as the kernel does it. */
  store(register: number, value: Uint8Array): void {
    const offset = offsetOf(register)
    const end = Math.min(BYTES, offset + ((value.length + WORD - 1) & ~(WORD - 1)))
    this.#bytes.fill(0, offset, end)
    this.#bytes.set(value.subarray(0, BYTES - offset), offset)
  }
}

const SCRATCH = { u8: 1, u16: 2, u32: 4, u64: 8 } as const
const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** A number in the byte order of the host. */
export function hostNumber(value: number | bigint, size: keyof typeof SCRATCH): Buffer {
  const bytes = Buffer.alloc(SCRATCH[size])
  if (size === 'u64') {
    if (little) bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
    else bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)))
  } else if (little) bytes.writeUIntLE(Number(value), 0, SCRATCH[size])
  else bytes.writeUIntBE(Number(value), 0, SCRATCH[size])
  return bytes
}

/** A number of up to four bytes in the byte order of the host. */
export function numberOfHost(bytes: Buffer): number {
  return little ? bytes.readUIntLE(0, bytes.length) : bytes.readUIntBE(0, bytes.length)
}

/** A 16-bit number in network order. */
export function networkNumber(value: number): Buffer {
  return Buffer.from([(value >>> 8) & 0xff, value & 0xff])
}

/** Text in 16 bytes, as interface names are in registers. */
export function nameBytes(name: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.write(name.slice(0, 15), 'utf8')
  return bytes
}

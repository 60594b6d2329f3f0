/** Addresses of headers and registers in the notation people write. */
import { formatIPv4, formatIPv6 } from '../../kernel/index.ts'

/** An address of 4 or 16 bytes. */
export function addressText(bytes: Buffer, offset: number, length: number): string {
  return length === 4 ? formatIPv4(bytes, offset) : formatIPv6(bytes, offset)
}

/** Six bytes of a link-layer address. */
export function macText(bytes: Buffer, offset: number): string {
  return [...bytes.subarray(offset, offset + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/**
 * Algorithms of a state: `struct xfrm_algo`, `xfrm_algo_auth` and `xfrm_algo_aead` (linux/xfrm.h): a name in 64 bytes, the
 * key's length in bits, for the last two another length in bits, the key.
 */
import { readU32, writeU32 } from '../netlink/byte-order.ts'
import { fixedString, type Value } from '../netlink/value.ts'

/** An algorithm and its key. */
export interface XfrmAlgorithm {
  /** The kernel's name: `cbc(aes)`, `hmac(sha256)`, `rfc4106(gcm(aes))`. */
  readonly name: string
  readonly keyBits: number
  /** Bits of the check value that travel with a packet. Undefined for ciphers, which have none. */
  readonly checkBits?: number
  /** The key in hexadecimal; only when secrets were asked for. */
  readonly key?: string
}

const NAME_BYTES = 64
const name = fixedString(NAME_BYTES)

/**
 * An algorithm attribute.
 * @param checked it has the length of its check value
 * @param secrets the key is decoded too; without it the key stays in the receive buffer and reaches no output
 */
export function algorithm(checked: boolean, secrets: boolean): Value<XfrmAlgorithm> {
  const header = NAME_BYTES + (checked ? 8 : 4)
  return {
    minimum: header,
    read(bytes, offset, length) {
      const keyBits = readU32(bytes, offset + NAME_BYTES)
      const end = offset + Math.min(length, header + Math.ceil(keyBits / 8))
      return {
        name: name.read(bytes, offset, NAME_BYTES),
        keyBits,
        ...(checked ? { checkBits: readU32(bytes, offset + NAME_BYTES + 4) } : {}),
        ...(secrets ? { key: bytes.toString('hex', offset + header, end) } : {}),
      }
    },
    write(writer, value) {
      name.write(writer, value.name)
      const lengths = writer.reserve(header - NAME_BYTES)
      writeU32(writer.bytes, value.keyBits, lengths)
      if (checked) writeU32(writer.bytes, value.checkBits ?? 0, lengths + 4)
      writer.append(Buffer.from(value.key ?? '', 'hex'))
    },
  }
}

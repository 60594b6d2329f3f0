/** Bytes for tests, written so that a reader can check them against the kernel's headers. */
import type { MessageKind } from './message.ts'
import type { Value } from './value.ts'
import { Writer } from './writer.ts'

/** Hexadecimal bytes; what follows a `#` on a line is a remark. */
export function annotatedBytes(text: string): Buffer {
  const hex = text.replace(/#.*$/gm, '').replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new RangeError('annotated bytes hold something that is not hexadecimal')
  return Buffer.from(hex, 'hex')
}

/** What a message kind reads from a body that stands alone. */
export function decoded<T>(kind: MessageKind<T>, body: Buffer): T | undefined {
  return kind.read(body, 0, body.length)
}

/** The body that a message kind writes. */
export function encoded<T>(kind: MessageKind<T>, value: Partial<T>): Buffer {
  const writer = new Writer()
  kind.write(writer, value)
  return Buffer.from(writer.written())
}

/** What a value reads from bytes that hold nothing else. */
export function decodedValue<T>(value: Value<T>, bytes: Buffer): T {
  return value.read(bytes, 0, bytes.length)
}

/** The bytes that a value writes. */
export function encodedValue<T>(value: Value<T>, meant: T): Buffer {
  const writer = new Writer()
  value.write(writer, meant)
  return Buffer.from(writer.written())
}

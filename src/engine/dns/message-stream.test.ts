import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageReader, withLength } from './message-stream.ts'

test('messages come out whole, however the stream was cut', () => {
  const message = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 0, max: 40 })), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(withLength))
      const reader = new MessageReader()
      const read: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const length = cuts.next().value
        read.push(...reader.push(stream.subarray(at, at + length)))
        at += length
      }
      expect(read).toEqual(messages)
      expect(reader.unfinished).toBe(false)
    }),
  )
})

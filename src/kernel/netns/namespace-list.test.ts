import { endianness } from 'node:os'
import { expect, test } from 'vitest'
import { listRequest, namespaceHandle } from './namespace-list.ts'

/** Bytes of numbers in the host's order, each with its size. */
function hostOrder(...fields: readonly (readonly [value: bigint, size: number])[]): string {
  return fields
    .map(([value, size]) => {
      const bytes = Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex')
      return (endianness() === 'LE' ? bytes.reverse() : bytes).toString('hex')
    })
    .join('')
}

test('a list request is laid out as struct ns_id_req', () => {
  expect(listRequest(0x1122334455667788n).toString('hex')).toBe(
    hostOrder(
      [32n, 4], // size
      [0n, 4], // spare
      [0x1122334455667788n, 8], // ns_id: list what comes after it
      [0x40000000n, 4], // ns_type: CLONE_NEWNET
      [0n, 4], // spare2
      [0n, 8], // user_ns_id: of any user namespace
    ),
  )
})

test('a handle is laid out as struct file_handle with struct nsfs_file_handle in it', () => {
  expect(namespaceHandle(7n).toString('hex')).toBe(
    hostOrder(
      [16n, 4], // handle_bytes
      [0xf1n, 4], // handle_type: FILEID_NSFS
      [7n, 8], // ns_id
      [0n, 4], // ns_type
      [0n, 4], // ns_inum
    ),
  )
})

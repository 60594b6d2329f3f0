import { expect, test } from 'vitest'
import { FoundNamespaces } from './found-namespaces.ts'

test('a namespace is one record, however often it is met', () => {
  const found = new FoundNamespaces()
  found.at(4026531840).pids.push(1)
  found.at(4026531840).names.push('blue')
  expect(found.all()).toMatchObject([{ inode: '4026531840', pids: [1], names: ['blue'] }])
})

test('of a namespace with ever so many holders, some are kept', () => {
  const namespace = new FoundNamespaces().at(1)
  const kept = Array.from({ length: 100_000 }, (_, fd) => namespace.hold({ kind: 'socket', pid: 7, fd }))
  expect(namespace.holders).toHaveLength(64)
  expect(kept.lastIndexOf(true)).toBe(63)
})

test('a namespace without any trace opens nothing', () => {
  expect(new FoundNamespaces().at(1).open()).toBeUndefined()
})

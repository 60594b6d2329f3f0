import { expect, test } from 'vitest'
import type { NamespaceNode } from '../graph.ts'
import { namespaceLabel, namespaceWords } from './namespace-words.ts'

const node = (rest: Partial<NamespaceNode>): NamespaceNode => ({
  ...{ inode: '7', id: null, role: 'anonymous', names: [], mounts: [], pids: [], nsid: null, owners: [], holders: [] },
  ...rest,
})
const process = (id: string, name: string) => ({ runtime: 'process', id, name, labels: {} })

test('of many processes the one that the namespace belongs to comes first', () => {
  const words = namespaceWords(node({ pids: [100, 900, 901], owners: [process('900', 'dockerd')] }))
  expect(words).toEqual(['pid:900', 'pid:100', 'pid:901', 'inode:7'])
})

test('a process that is no longer there gives no word', () => {
  expect(namespaceLabel(node({ pids: [100], owners: [process('900', 'dockerd')] }))).toBe('pid:100')
  expect(namespaceLabel(node({}))).toBe('inode:7')
})

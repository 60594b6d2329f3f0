import { expect, test } from 'vitest'
import type { NamespaceNode } from '../../../host/index.ts'
import { targetWords } from './run.ts'

function node(inode: string, parts: Partial<NamespaceNode>): NamespaceNode {
  const none = { mounts: [], pids: [], nsid: null, owners: [], holders: [], names: [] }
  return { inode, id: null, role: 'anonymous', ...none, ...parts }
}

test('each namespace is offered by its best word and its names, none of which a shell could take for code', () => {
  const owners = [{ runtime: 'docker', id: 'f'.repeat(64), name: 'web', labels: {} }]
  const namespaces = [
    node('1', { role: 'host', pids: [1] }),
    node('2', { owners, names: ['web', '$(reboot)', 'a b', "it's"] }),
    node('3', {}),
  ]
  expect(targetWords({ namespaces })).toEqual(['docker:web', 'host', 'inode:3', 'ns:web'])
})

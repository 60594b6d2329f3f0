import { expect, test } from 'vitest'
import { parseTarget } from './target.ts'

test.each([
  ['host', { kind: 'host' }],
  ['ns:blue', { kind: 'name', name: 'blue' }],
  ['pid:4711', { kind: 'pid', pid: 4711 }],
  ['inode:4026532373', { kind: 'inode', inode: '4026532373' }],
  ['path:/run/docker/netns/ab:cd', { kind: 'path', path: '/run/docker/netns/ab:cd' }],
  ['docker:web', { kind: 'owner', runtime: 'docker', name: 'web' }],
  ['podman:web', { kind: 'owner', runtime: 'podman', name: 'web' }],
  ['lab:fabric/leaf1', { kind: 'lab', lab: 'fabric', node: 'leaf1' }],
  ['sandbox:s1', { kind: 'sandbox', name: 's1' }],
  ['network:backend', { kind: 'network', name: 'backend' }],
  ['web', { kind: 'bare', word: 'web' }],
  ['odd:name', { kind: 'bare', word: 'odd:name' }],
  ['toString:x', { kind: 'bare', word: 'toString:x' }],
])('reads %s', (word, target) => {
  expect(parseTarget(word)).toEqual(target)
})

test.each([
  ['pid:web', 'pid: must be followed by a process number'],
  ['pid:-1', 'pid: must be followed by a process number'],
  ['inode:0', 'inode: must be followed by an inode number'],
  ['path:run', 'path: must be followed by an absolute path'],
  ['lab:fabric', 'lab: must be followed by LAB/NODE'],
  ['docker:', 'docker: must be followed by a name'],
  ['', 'a target is a word'],
])('refuses %j and says what is missing', (word, reason) => {
  expect(() => parseTarget(word)).toThrow(reason)
})

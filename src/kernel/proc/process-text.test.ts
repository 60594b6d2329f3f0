import { expect, test } from 'vitest'
import { tellingControlGroup } from './process-text.ts'

const CONTAINER = `/system.slice/docker-${'0a'.repeat(32)}.scope`

test('with the unified hierarchy, its path is the control group', () => {
  expect(tellingControlGroup(`0::${CONTAINER}\n`)).toBe(CONTAINER)
})

test('with version 1 hierarchies, the path that says most is taken', () => {
  expect(tellingControlGroup(`12:pids:/docker\n3:cpu,cpuacct:${CONTAINER}\n1:name=systemd:/\n`)).toBe(CONTAINER)
})

test('where both are in use and the unified one is empty, version 1 speaks', () => {
  expect(tellingControlGroup(`5:devices:${CONTAINER}\n0::/\n`)).toBe(CONTAINER)
})

test('colons belong to the path', () => {
  expect(tellingControlGroup('0::/kubepods.slice:cri-containerd:0a1b\n')).toBe('/kubepods.slice:cri-containerd:0a1b')
})

test('a process at the top, and one that is gone, say nothing that tells', () => {
  expect(tellingControlGroup('0::/\n')).toBe('/')
  expect(tellingControlGroup('')).toBe('')
})

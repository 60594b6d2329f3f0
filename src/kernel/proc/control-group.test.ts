import { expect, test } from 'vitest'
import { controllersOf, resourceUseOf } from './control-group.ts'

test('each controller has its path, and the unified hierarchy one without a name', () => {
  const groups = controllersOf('4:cpu,cpuacct:/docker/a:b\n1:name=systemd:/x\n0::/unified\n')
  expect([...groups]).toEqual([
    ['cpu', '/docker/a:b'],
    ['cpuacct', '/docker/a:b'],
    ['name=systemd', '/x'],
    ['', '/unified'],
  ])
})

test('a process that is not there uses nothing', () => {
  expect(resourceUseOf(2 ** 30)).toBeUndefined()
})

import { expect, test } from 'vitest'
import type { Change, Owner } from '../../../host/index.ts'
import { AboutTarget } from './about-target.ts'

const web: Owner = { runtime: 'docker', id: 'c0ffee', name: 'web', labels: {} }
const sleeper: Owner = { runtime: 'process', id: '7', name: 'sleep', labels: {} }

function change(inode: string, subject: string, more: Partial<Change> = {}, owner: Owner | null = null): Change {
  return {
    schema: 'netwright/event/v1',
    time: '2026-01-01T00:00:00.000Z',
    namespace: { inode, names: [], owner },
    object: 'link',
    action: 'added',
    subject,
    interface: subject,
    implied: false,
    before: null,
    after: null,
    ...more,
  }
}

const begin = (inode: string, owner: Owner | null = null) => change(inode, 'begin', { object: 'namespace' }, owner)
const end = (inode: string) => change(inode, 'end', { object: 'namespace', action: 'removed' }, web)
const subjects = (changes: readonly Change[]) => changes.map(({ subject }) => subject)

test('changes of other namespaces are left out', () => {
  const about = new AboutTarget({ inode: '1', names: [], owners: [web] })
  expect(subjects(about.pick([change('1', 'mine'), change('2', 'other')]))).toEqual(['mine'])
})

test('after a restart the new namespace is the target, with what happened in it before its owner was known', () => {
  const about = new AboutTarget({ inode: '1', names: [], owners: [web] })
  expect(subjects(about.pick([end('1'), begin('2', sleeper), change('2', 'eth0', {}, sleeper)]))).toEqual(['end'])
  const named = change('2', 'web', { object: 'namespace', action: 'changed' }, web)
  expect(subjects(about.pick([named, change('2', 'eth1', {}, web)]))).toEqual(['begin', 'eth0', 'web', 'eth1'])
})

test('the number of the old namespace is not followed to whoever gets it next', () => {
  const about = new AboutTarget({ inode: '1', names: [], owners: [web] })
  about.pick([end('1')])
  const docker = { ...web, id: 'another' }
  expect(about.pick([begin('1', docker), change('1', 'eth0', {}, docker)])).toEqual([])
})

test('a namespace with the same name is the target, as soon as it has it', () => {
  const about = new AboutTarget({ inode: '1', names: ['blue'], owners: [] })
  const blue = { inode: '2', names: ['blue'], owner: null }
  expect(subjects(about.pick([{ ...begin('2'), namespace: blue }]))).toEqual(['begin'])
})

test('what is kept of namespaces that nobody claims is forgotten after a while', () => {
  const about = new AboutTarget({ inode: '1', names: [], owners: [web] })
  about.pick([begin('2')], 0)
  about.pick([], 5000)
  const late = change('2', 'late', { object: 'namespace', action: 'changed' }, web)
  expect(subjects(about.pick([late], 5001))).toEqual(['late'])
})

test('what is about the watch itself is about every target', () => {
  const about = new AboutTarget({ inode: '1', names: [], owners: [] })
  expect(about.pick([change('9', 'gap', { namespace: null, object: 'watch', action: 'resynchronised' })])).toHaveLength(
    1,
  )
})

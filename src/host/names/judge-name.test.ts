import { expect, test } from 'vitest'
import type { Graph, InterfaceNode, NamespaceNode, Owner } from '../graph.ts'
import { HostIndex } from './host-index.ts'
import { judgeName, type NameReport } from './judge-name.ts'
import type { NameEntry } from './name-entry.ts'
import type { NameRecord } from './name-records.ts'
import { planRepair } from './plan-repair.ts'

const BOOTED = Date.parse('2026-01-01T00:00:00Z')
const HOUR = 3_600_000
const OLD = '100'
const NEW = '200'
const web: Owner = { runtime: 'docker', id: 'ab'.repeat(32), name: 'web', labels: {} }

const node = (inode: string, rest: Partial<NamespaceNode> = {}): NamespaceNode => ({
  inode,
  id: null,
  role: 'anonymous',
  names: [],
  mounts: [],
  pids: [],
  nsid: null,
  owners: [],
  holders: [],
  ...rest,
})
const veth = (namespace: string): InterfaceNode => ({
  id: `${namespace}/2`,
  namespace,
  index: 2,
  name: 'eth0',
  kind: 'veth',
  mac: null,
  mtu: 1500,
  up: true,
  carrier: true,
  addresses: ['10.0.0.1/24'],
  master: null,
  details: {},
})
const graphOf = (namespaces: NamespaceNode[], interfaces: InterfaceNode[] = []): Graph => ({
  schema: 'netwright/graph/v1',
  host: 'test',
  takenAt: '2026-01-01T00:00:00Z',
  namespaces,
  interfaces,
  links: [],
  networks: [],
  warnings: [],
})
const record: NameRecord = {
  schema: 'netwright/name/v1',
  name: 'web',
  target: { runtime: 'docker', id: web.id, name: 'web' },
  inode: OLD,
  id: null,
  attachedAt: '2026-01-01T00:00:00Z',
}
const mount: NameEntry = { name: 'web', kind: 'mount', namespace: { inode: OLD, id: null }, link: undefined }
const link = (startedAt: number | undefined, inode: string | undefined, madeAt = BOOTED + HOUR): NameEntry => ({
  name: 'web',
  kind: 'link',
  namespace: inode === undefined ? undefined : { inode, id: null },
  link: { target: '/proc/4711/ns/net', madeAt, process: { pid: 4711, startedAt } },
})
const judge = (entry: NameEntry, graph: Graph, known?: NameRecord): NameReport =>
  judgeName(entry, { host: new HostIndex(graph), record: known, bootedAt: BOOTED })
const stepFor = (report: NameReport) => planRepair([report])[0]

/** The container lives in NEW; what it left behind is OLD. */
const restarted = graphOf([node(OLD), node(NEW, { pids: [50], owners: [web] })])

test('a link to a process that is no more is stale, and led to the container of that name', () => {
  const report = judge(link(undefined, undefined), restarted)
  expect(report).toMatchObject({ condition: 'dead-process', stale: true })
  expect(stepFor(report)).toMatchObject({ action: 'replace', rightful: { inode: NEW, label: 'docker:web' } })
})

test('a stale name that nothing is called by is removed', () => {
  const report = judge(link(undefined, undefined), graphOf([]))
  expect(stepFor(report)).toMatchObject({ action: 'remove', rightful: null })
})

test('a link to a process that was started after the link was made is stale: the number was used again', () => {
  const report = judge(link(BOOTED + 2 * HOUR, OLD), restarted)
  expect(report).toMatchObject({ condition: 'reused-process', stale: true })
  expect(report.summary).toContain('process 4711')
})

test('a link to a process that was there before the link was made is live', () => {
  expect(judge(link(BOOTED, OLD), restarted)).toMatchObject({ condition: 'live', stale: false })
})

test('a link from before the boot tells that the clock was set, so times prove nothing', () => {
  expect(judge(link(BOOTED + HOUR, OLD, 0), restarted)).toMatchObject({ condition: 'live', stale: false })
})

test('a link to a file that is no namespace is stale', () => {
  const entry: NameEntry = { ...link(1, undefined), link: { target: '/run/gone', madeAt: 1, process: undefined } }
  expect(judge(entry, graphOf([]))).toMatchObject({ condition: 'dangling-link', stale: true })
})

test('an empty file is stale', () => {
  const entry: NameEntry = { name: 'web', kind: 'file', namespace: undefined, link: undefined }
  expect(judge(entry, graphOf([]))).toMatchObject({ condition: 'plain-file', stale: true, attached: false })
  expect(judge(entry, graphOf([]), record)).toMatchObject({ attached: true })
})

test('a directory is not touched', () => {
  const entry: NameEntry = { name: 'web', kind: 'other', namespace: undefined, link: undefined }
  const report = judge(entry, graphOf([]))
  expect(report).toMatchObject({ condition: 'not-a-namespace', stale: false })
  expect(planRepair([report])).toEqual([])
})

test('our mount of a namespace that its container has left is stale', () => {
  const report = judge(mount, restarted, record)
  expect(report).toMatchObject({ condition: 'container-moved', stale: true, attached: true, obstacle: null })
  expect(stepFor(report)).toMatchObject({ action: 'replace', rightful: { inode: NEW } })
})

test('a container that was made again under its name is still found', () => {
  const again = graphOf([node(OLD), node(NEW, { pids: [50], owners: [{ ...web, id: 'cd'.repeat(32) }] })])
  expect(judge(mount, again, record)).toMatchObject({ condition: 'container-moved', rightful: { inode: NEW } })
})

test('a mount whose namespace is still used by a process is reported and left alone', () => {
  const busy = graphOf([node(OLD, { pids: [77] }), node(NEW, { pids: [50], owners: [web] })])
  const report = judge(mount, busy, record)
  expect(report).toMatchObject({ condition: 'container-moved', stale: true })
  expect(stepFor(report)).toMatchObject({ action: 'leave' })
})

test('a socket that the daemon left open in the former namespace does not keep our mount from being mended', () => {
  const holders = [{ kind: 'socket', pid: 9, fd: 3, command: 'dockerd' }] as const
  const open = graphOf([node(OLD, { holders }), node(NEW, { pids: [50], owners: [web] })])
  expect(judge(mount, open, record)).toMatchObject({ condition: 'container-moved', obstacle: null })
  expect(judge(mount, open)).toMatchObject({ condition: 'live' })
})

test('a mount whose container is stopped is live: it will be mended when the container runs', () => {
  expect(judge(mount, graphOf([node(OLD)]), record)).toMatchObject({ condition: 'live' })
})

test("somebody else's namespace is live though a container is called like it", () => {
  const router = graphOf([node(OLD), node(NEW, { pids: [50], owners: [web] })], [veth(OLD)])
  expect(judge(mount, router)).toMatchObject({ condition: 'live', stale: false, attached: false })
})

test("somebody else's mount of what a container left behind is stale", () => {
  expect(judge(mount, restarted)).toMatchObject({ condition: 'container-moved', attached: false })
})

test('a record of another namespace says nothing about this mount', () => {
  const reused = { ...mount, namespace: { inode: OLD, id: '9' } }
  expect(judge(reused, restarted, { ...record, id: '8' })).toMatchObject({ attached: false })
})

test('two containers of one name in two namespaces leave no certainty', () => {
  const twins = graphOf([node(NEW, { owners: [web] }), node('300', { owners: [{ ...web, id: 'cd'.repeat(32) }] })])
  expect(judge(link(undefined, undefined), twins).rightful).toBeNull()
})

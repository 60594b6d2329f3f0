/** A watch under load: every namespace and every link that is made is told once as added and once as removed. */
import { execFile } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import type { Change } from '../../src/host/index.ts'
import { inodeOfName, NamedNamespaces } from '../support/iproute.ts'
import { Watching } from '../support/watching.ts'

const COUNT = 300
const namespaces = new NamedNamespaces('burst')
let watching: Watching | undefined

afterEach(async () => {
  await watching?.close()
  watching = undefined
  namespaces.close()
})

/** Runs an `ip` batch as a process of its own, beside the watch. */
function beside(lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile('ip', ['-batch', '-'], (error) => (error === null ? resolve() : reject(error)))
    child.stdin?.end(`${lines.join('\n')}\n`)
  })
}

/** Names of the links of a pair; nobody else's links are called so. */
const far = (i: number | ''): string => `f${process.pid}x${i}`
const near = (i: number): string => `n${process.pid}x${i}`

/**
 * Changes in the namespaces that had one of the test's links, and of links in the hub. Namespaces are told by whatever was known
 * of them at that moment: their name, their inode when they had no name yet, or the hub's end of their link when they were gone
 * before they were found. An inode number may be another namespace's before and afterwards.
 */
function ours(changes: readonly Change[], hub: string): Change[] {
  const hubPlace = inodeOfName(hub)
  const lives = new Map<string, Change[]>()
  const mine: Change[] = []
  for (const change of changes) {
    const { object, action, namespace } = change
    if (namespace === null) continue
    if (namespace.inode === hubPlace) {
      if (object === 'link') mine.push(change)
      continue
    }
    const begins = object === 'namespace' && action === 'added'
    // A search has found what only a link had shown.
    const hidden = object === 'namespace' ? String(change.before?.['inode'] ?? namespace.inode) : namespace.inode
    const life = begins ? [] : (lives.get(hidden) ?? [])
    life.push(change)
    lives.set(namespace.inode, life)
    const ends = object === 'namespace' && action === 'removed'
    if (ends && life.some(({ subject }) => subject.startsWith(far('')))) mine.push(...life)
  }
  return mine
}

/** How often each subject of a kind was told with an action. */
function count(changes: readonly Change[], object: Change['object'], action: Change['action']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const change of changes) {
    if (change.object !== object || change.action !== action) continue
    counts.set(change.subject, (counts.get(change.subject) ?? 0) + 1)
  }
  return counts
}

function once(subjects: readonly string[]): Map<string, number> {
  return new Map([...subjects].sort().map((subject) => [subject, 1]))
}

function sorted(counts: Map<string, number>): Map<string, number> {
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

test('300 namespaces with veth pairs, created and removed in a burst', { timeout: 90_000 }, async () => {
  const hub = namespaces.add('hub')
  const names = Array.from({ length: COUNT }, (_, i) => namespaces.name(i))
  watching = await Watching.start()
  await beside([
    ...names.map((name) => `netns add ${name}`),
    ...names.map((name, i) => `link add ${far(i)} netns ${name} type veth peer name ${near(i)} netns ${hub}`),
  ])
  await beside(names.map((name) => `netns del ${name}`))
  const mine = (): Change[] => ours(watching!.changes, hub)
  await watching.untilTrue(
    () => mine().filter(({ object, action }) => object === 'namespace' && action === 'removed').length === COUNT,
  )
  await watching.untilTrue(() => count(mine(), 'link', 'removed').size > 2 * COUNT)
  const told = mine()
  expect(watching.changes.filter(({ object }) => object === 'watch')).toEqual([])
  for (const action of ['added', 'removed'] as const) {
    // Each is told once, by whatever name it had at that moment.
    expect(told.filter((change) => change.object === 'namespace' && change.action === action)).toHaveLength(COUNT)
    const links = count(told, 'link', action)
    expect(links.get('lo')).toBe(COUNT)
    links.delete('lo')
    expect(sorted(links)).toEqual(once(names.flatMap((_, i) => [far(i), near(i)])))
  }
})

test('short-lived namespaces that are joined to another one, each with its links', { timeout: 60_000 }, async () => {
  const hub = namespaces.add('hub')
  watching = await Watching.start()
  const names: string[] = []
  for (let i = 0; i < 60; i++) {
    const name = namespaces.name(`short${i}`)
    names.push(name)
    await beside([`netns add ${name}`, `link add ${far(i)} netns ${name} type veth peer name ${near(i)} netns ${hub}`])
    // The far end leads to a namespace only while it exists: it goes as soon as its far end has been told, mostly before
    // any search could find it.
    await watching.until(({ action, subject }) => action === 'added' && subject === near(i))
    await beside([`netns del ${name}`])
  }
  await watching.untilTrue(() => count(ours(watching!.changes, hub), 'link', 'removed').size === 121)
  const told = ours(watching.changes, hub)
  for (const action of ['added', 'removed'] as const) {
    const linked = count(told, 'link', action)
    expect(linked.get('lo')).toBe(60)
    for (const [i] of names.entries()) expect(linked.get(far(i))).toBe(1)
  }
})

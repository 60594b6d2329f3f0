/** Opening what a target means, when the way there has changed since the host was surveyed. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { takeGraph } from '../../src/host/survey.ts'
import { openTarget, resolveTarget, TargetGoneError } from '../../src/host/targets/index.ts'
import { startHolder } from '../support/program.ts'

const name = `nwt-targets-${process.pid}`
const holders: ChildProcess[] = []

afterEach(async () => {
  for (const holder of holders.splice(0)) await end(holder)
  execFileSync('sh', ['-c', `ip netns del ${name} 2>/dev/null || true`])
})

async function startLonely(): Promise<ChildProcess & { readonly pid: number }> {
  const holder = await startHolder('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 1000'])
  holders.push(holder)
  return holder
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a namespace is opened by its name, its process, its path and its inode, and is the same each time', async () => {
  const holder = await startLonely()
  execFileSync('ip', ['netns', 'attach', name, String(holder.pid)])
  const graph = await takeGraph()
  const { inode } = resolveTarget(`ns:${name}`, graph)
  for (const word of [
    `ns:${name}`,
    name,
    `pid:${holder.pid}`,
    `path:/proc/${holder.pid}/ns/net`,
    `/run/netns/${name}`,
    `inode:${inode}`,
  ]) {
    using namespace = openTarget(resolveTarget(word, graph))
    expect(namespace.identity.inode).toBe(inode)
  }
})

test('a process that ended meanwhile is no way there, but the name still is', async () => {
  const holder = await startLonely()
  execFileSync('ip', ['netns', 'attach', name, String(holder.pid)])
  const graph = await takeGraph()
  await end(holder)
  using namespace = openTarget(resolveTarget(`pid:${holder.pid}`, graph))
  expect(namespace.identity.inode).toBe(resolveTarget(`ns:${name}`, graph).inode)
})

test('a name that was given to another namespace meanwhile does not lead there', async () => {
  execFileSync('ip', ['netns', 'add', name])
  const graph = await takeGraph()
  execFileSync('ip', ['netns', 'del', name])
  execFileSync('ip', ['netns', 'add', name])
  expect(() => openTarget(resolveTarget(`ns:${name}`, graph))).toThrow(TargetGoneError)
})

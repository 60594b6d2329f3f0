/** Names in /run/netns: given, taken away, found stale and mended. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lutimesSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bootedAt } from '../../src/kernel/process-start.ts'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { type ProgramRun, runProgram, startHolder } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const prefix = `nwt-names-${process.pid}`
let state: string
const holders: ChildProcess[] = []

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), `${prefix}-`))
})

afterEach(async () => {
  for (const holder of holders.splice(0)) await end(holder)
  for (const name of readdirSync('/run/netns')) if (name.startsWith(prefix)) forget(name)
  rmSync(state, { recursive: true })
})

const ns = (...words: string[]): ProgramRun => runProgram(['ns', ...words], { environment: { NETWRIGHT_STATE: state } })

/** A process in a network namespace of its own. */
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

function forget(name: string): void {
  try {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
  } catch {
    rmSync(`/run/netns/${name}`, { force: true })
  }
}

function inodeOf(path: string): string {
  return execFileSync('stat', ['--dereference', '--format', '%i', path], { encoding: 'utf8' }).trim()
}

const links = (name: string): string[] => {
  const answer = execFileSync('ip', ['netns', 'exec', name, 'ip', '-j', 'link'], { encoding: 'utf8' })
  return (JSON.parse(answer) as { ifname: string }[]).map((link) => link.ifname)
}

/** What repair says of one name, without doing anything. */
function foundStale(name: string): Record<string, unknown> | undefined {
  const run = ns('repair', '--dry-run', '--json', name)
  const document = JSON.parse(run.answer) as { names: Record<string, unknown>[] }
  expect(schemaFaults('repair', document)).toEqual([])
  expect(run.code).toBe(document.names.length === 0 ? 0 : 1)
  return document.names[0]
}

test('a process’s namespace gets a name that ip netns exec reaches, and keeps it when the process ends', async () => {
  const holder = await startLonely()
  const name = `${prefix}-a`
  const run = ns('attach', `pid:${holder.pid}`, name, '--json')
  expect(run).toMatchObject({ code: 0, remarks: '' })
  const attachment: unknown = JSON.parse(run.answer)
  expect(schemaFaults('attachment', attachment)).toEqual([])
  expect(attachment).toMatchObject({ name, inode: inodeOf(`/proc/${holder.pid}/ns/net`), changed: true })
  await end(holder)
  expect(links(name)).toEqual(['lo'])
  expect(JSON.parse(readFileSync(join(state, 'names', `${name}.json`), 'utf8'))).toMatchObject({ name })
  expect(ns('detach', name)).toMatchObject({ code: 0, remarks: '' })
  expect(existsSync(`/run/netns/${name}`)).toBe(false)
  expect(readdirSync(join(state, 'names'))).toEqual([])
})

test('attaching twice changes nothing', async () => {
  const holder = await startLonely()
  const name = `${prefix}-b`
  ns('attach', `pid:${holder.pid}`, name)
  const again = ns('attach', `pid:${holder.pid}`, name)
  expect(again.code).toBe(0)
  expect(again.answer).toContain('led already to')
})

test('a name in use is refused, with whose it is, and stays as it was', async () => {
  const holder = await startLonely()
  const name = `${prefix}-c`
  execFileSync('ip', ['netns', 'add', name])
  const before = inodeOf(`/run/netns/${name}`)
  const run = ns('attach', `pid:${holder.pid}`, name)
  expect(run).toMatchObject({ code: 3, answer: '' })
  expect(run.remarks).toMatch(new RegExp(`the name ${name} is taken: .*namespace ${before}`))
  expect(inodeOf(`/run/netns/${name}`)).toBe(before)
})

test('a name that cannot be is refused before anything is done', async () => {
  const holder = await startLonely()
  for (const name of ['../evil', '', 'a\u001b[2Jb']) {
    const run = ns('attach', `pid:${holder.pid}`, name)
    expect(run).toMatchObject({ code: 3, answer: '' })
    expect(run.remarks).toMatch(/^netwright ns attach: [\x20-\x7e]*cannot be a name[\x20-\x7e]*\n$/)
  }
  expect(ns('attach', `pid:${holder.pid}`).remarks).toContain('say one, as in netwright ns attach')
})

test('somebody else’s name is taken away only by force', () => {
  const name = `${prefix}-d`
  execFileSync('ip', ['netns', 'add', name])
  expect(ns('detach', name)).toMatchObject({ code: 3, answer: '' })
  expect(links(name)).toEqual(['lo'])
  expect(ns('detach', '--force', name).code).toBe(0)
  expect(existsSync(`/run/netns/${name}`)).toBe(false)
  expect(ns('detach', name).remarks).toContain('there is no name')
})

test('a link to a process that ended is stale and removed', async () => {
  const holder = await startLonely()
  const name = `${prefix}-e`
  symlinkSync(`/proc/${holder.pid}/ns/net`, `/run/netns/${name}`)
  expect(foundStale(name)).toBeUndefined()
  await end(holder)
  expect(foundStale(name)).toMatchObject({ condition: 'dead-process', action: 'remove' })
  expect(existsSync(`/run/netns/${name}`) || readdirSync('/run/netns').includes(name)).toBe(true)
  expect(ns('repair', name)).toMatchObject({ code: 0 })
  expect(readdirSync('/run/netns')).not.toContain(name)
})

test('a link to a process that is younger than the link is stale: the number was used again', async () => {
  const holder = await startLonely()
  const name = `${prefix}-f`
  symlinkSync(`/proc/${holder.pid}/ns/net`, `/run/netns/${name}`)
  // As if it had been made for an earlier process of that number, shortly after the machine was started.
  const earlier = new Date(bootedAt() + 2000)
  lutimesSync(`/run/netns/${name}`, earlier, earlier)
  expect(foundStale(name)).toMatchObject({ condition: 'reused-process', action: 'remove' })
})

test('an empty file that a mount has left is stale and removed', () => {
  const name = `${prefix}-g`
  writeFileSync(`/run/netns/${name}`, '')
  expect(foundStale(name)).toMatchObject({ condition: 'plain-file', action: 'remove' })
  expect(ns('repair', name).code).toBe(0)
  expect(existsSync(`/run/netns/${name}`)).toBe(false)
})

test('an attachment that was cut short is finished with', () => {
  const name = `${prefix}-h`
  const run = ns('attach', 'host', name)
  expect(run.code).toBe(0)
  // What is left when the program is killed between the record and the mount.
  execFileSync('umount', [`/run/netns/${name}`])
  expect(foundStale(name)).toMatchObject({ condition: 'plain-file' })
  expect(ns('repair', name).code).toBe(0)
  expect(readdirSync('/run/netns')).not.toContain(name)
  expect(readdirSync(join(state, 'names'))).toEqual([])
})

test('a name that works is left alone', () => {
  const name = `${prefix}-i`
  execFileSync('ip', ['netns', 'add', name])
  const before = inodeOf(`/run/netns/${name}`)
  expect(ns('repair', name)).toMatchObject({ code: 0, answer: 'every name leads where it should\n' })
  expect(inodeOf(`/run/netns/${name}`)).toBe(before)
})

test('the list has every namespace with what holds it, and follows its schema', async () => {
  const holder = await startLonely()
  const name = `${prefix}-j`
  ns('attach', `pid:${holder.pid}`, name)
  const document = JSON.parse(ns('list', '--json').answer) as {
    namespaces: { inode: string; names: string[]; pids: number[]; interfaces: { name: string }[] }[]
    names: { name: string; condition: string; attached: boolean }[]
  }
  expect(schemaFaults('namespaces', document)).toEqual([])
  const listed = document.namespaces.find(({ inode }) => inode === inodeOf(`/proc/${holder.pid}/ns/net`))
  expect(listed).toMatchObject({ names: [name], pids: [holder.pid], interfaces: [{ name: 'lo' }] })
  expect(document.names.find((entry) => entry.name === name)).toMatchObject({ condition: 'live', attached: true })
  const line = ns('list')
    .answer.split('\n')
    .find((text) => text.includes(`ns:${name}`))
  expect(line).toMatch(new RegExp(`named .*${holder.pid} .*/run/netns/${name}`))
})

describe('a container', () => {
  let docker: Dockerd
  const container = `${prefix}-web`

  beforeAll(async () => {
    docker = await startDockerd()
    docker.runContainer(container)
  })
  afterAll(() => docker.stop())

  test('has its own name, which is stale after a restart and can be mended', () => {
    const pid = () => docker.run('inspect', '--format', '{{.State.Pid}}', container)
    const addresses = () => execFileSync('ip', ['netns', 'exec', container, 'ip', 'addr'], { encoding: 'utf8' })
    expect(ns('attach', `docker:${container}`)).toMatchObject({ code: 0, remarks: '' })
    expect(addresses()).toContain('172.17.0.2/16')

    docker.run('restart', '--time', '0', container)
    expect(addresses()).not.toContain('172.17.0.2/16')
    expect(foundStale(container)).toMatchObject({
      condition: 'container-moved',
      action: 'replace',
      target: `docker:${container}`,
      targetInode: inodeOf(`/proc/${pid()}/ns/net`),
    })
    expect(ns('list').answer).toContain(`${container}: docker:${container} now lives in namespace`)

    expect(ns('repair', container)).toMatchObject({ code: 0, remarks: '' })
    expect(addresses()).toContain('172.17.0.2/16')
    expect(inodeOf(`/run/netns/${container}`)).toBe(inodeOf(`/proc/${pid()}/ns/net`))
    expect(foundStale(container)).toBeUndefined()
  })
})

/** What outlived its purpose, and the commands doctor --fix and support as people run them. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examine, type FindingsDocument, takeScene } from '../../src/diagnose/index.ts'
import { World } from '../gauntlet/world.ts'
import { end, type Holder, holdDescriptor } from '../support/holder.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

let world: World
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nwt-doctor-'))
  world = new World('ghosts')
  world.add('host', 'dead', 'alive')
  for (const [guest, last] of [
    ['dead', 2],
    ['alive', 3],
  ] as const) {
    world.wire(guest, 'eth0', 'host', `v${guest}`)
    world.inside(guest, `ip addr add 10.99.0.${last}/24 dev eth0`)
  }
  world.inside(
    'host',
    'ip link add br0 type bridge; ip addr add 10.99.0.1/24 dev br0; ip link set br0 up; ip link set vdead master br0; ip link set valive master br0',
  )
})
afterEach(async () => {
  await world.destroy()
  rmSync(folder, { recursive: true })
})

test('a dead container’s namespace: who keeps it alive is named, and its address falls silent by what is printed', async () => {
  const inode = world.inode('dead')
  const path = `/run/netns/${world.name('dead')}`
  const fd = openSync(path, 'r')
  const holder: Holder = holdDescriptor(fd)
  closeSync(fd)
  try {
    execFileSync('ip', ['netns', 'delete', world.name('dead')])
    expect(world.succeeds('alive', 'ping -n -q -c1 -W1 10.99.0.2'), 'it still answers').toBe(true)
    const scene = await takeScene()
    const { findings } = await examine(scene)
    scene.close()
    const found = findings.find(({ subject }) => subject.namespace === inode)
    expect(found).toMatchObject({ code: 'netns-leaked', fix: { safe: false } })
    expect(found!.summary).toContain(`of process ${holder.pid} (sleep)`)
    expect(found!.summary).toContain('10.99.0.2')
    for (const command of found!.fix!.commands) execFileSync('bash', ['-c', command])
    expect(world.succeeds('alive', 'ping -n -q -c1 -W1 10.99.0.2'), 'it is silent').toBe(false)
  } finally {
    await end(holder)
  }
})

test('doctor --fix shows and mends what is safe, and what could hurt only when it is named', () => {
  world.inside('host', 'ip link set valive nomaster')
  const doctor = (...words: string[]) => {
    const run = runProgram(['doctor', ...words])
    return { ...run, said: run.answer.replaceAll(/\s+/g, ' ') }
  }
  const host = `ns:${world.name('host')}`
  const planned = doctor(host, '--fix', '--dry-run')
  expect(planned.code).toBe(1)
  expect(planned.said).toContain('bridge-port-missing')
  expect(world.succeeds('alive', 'ping -n -q -c1 -W1 10.99.0.1'), 'nothing was done').toBe(false)

  const mended = doctor(host, '--fix', '--json')
  const document: FindingsDocument & { repairs: { code: string; outcome: string }[] } = JSON.parse(mended.answer)
  expect(schemaFaults('findings', document)).toEqual([])
  expect(document.repairs).toContainEqual(expect.objectContaining({ code: 'bridge-port-missing', outcome: 'mended' }))
  expect(
    world.succeeds('alive', 'for i in 1 2 3; do ping -n -q -c1 -W1 10.99.0.1 && exit 0; done; exit 1'),
    'it is mended',
  ).toBe(true)

  world.inside('dead', 'ip addr add 10.99.0.3/24 dev eth0')
  const dead = `ns:${world.name('dead')}`
  const left = doctor(dead, '--fix')
  expect(left).toMatchObject({ code: 1 })
  expect(left.said).toContain('left alone address-duplicate')
  const named = doctor(dead, '--fix', 'address-duplicate')
  expect(named).toMatchObject({ code: 0 })
  expect(named.said).toContain('mended address-duplicate')
  expect(doctor(dead, '--only', 'address-duplicate').code).toBe(0)
})

test('explain knows every code, and near ones', () => {
  expect(runProgram(['explain', 'mtu-mismatch']).answer).toContain('How it is mended')
  const all = JSON.parse(runProgram(['explain', '--json']).answer)
  expect(schemaFaults('catalogue', all)).toEqual([])
  const near = runProgram(['explain', 'mtu-mismach'])
  expect(near).toMatchObject({ code: 3, answer: '' })
  expect(near.remarks).toContain('did you mean mtu-mismatch?')
})

test('support: an archive that only its owner reads, with its index', () => {
  const path = join(folder, 'case.tar.gz')
  const run = runProgram(['support', '-o', path, '--json'])
  expect(run.code, run.remarks).toBe(0)
  const index = JSON.parse(run.answer)
  expect(schemaFaults('support', index)).toEqual([])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const tar = (...words: string[]): string =>
    execFileSync('tar', ['-xzOf', path, ...words], { encoding: 'utf8', maxBuffer: 1 << 28 })
  expect(JSON.parse(tar('index.json'))).toEqual(index)
  const inside = JSON.parse(tar(`namespaces/${world.inode('host')}.json`))
  expect(inside.links.map(({ name }: { name: string }) => name)).toContain('br0')
  expect(schemaFaults('findings', JSON.parse(tar('findings.json')))).toEqual([])
  const piped = execFileSync(
    'sh',
    ['-c', '"$0" support -o - | tar -tzf -', join(import.meta.dirname, '../../netwright')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  expect(piped).toContain('index.json')
})

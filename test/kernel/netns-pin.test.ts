import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nsfsMounts, readMountTable } from '../../src/kernel/mount-table.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { pinNamespace, prepareNamedNamespaces, unpinNamespace } from '../../src/kernel/netns/pin.ts'
import { end, holdAfter } from '../support/holder.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-pin-'))
  path = join(directory, 'pin')
})

afterEach(() => {
  for (const { mountPoint } of readMountTable('self')) {
    if (mountPoint.startsWith(directory)) execFileSync('umount', ['-l', mountPoint])
  }
  rmSync(directory, { recursive: true })
})

function mountsOf(inode: string): string[] {
  return nsfsMounts('self')
    .filter((mount) => mount.inode === inode)
    .map((mount) => mount.mountPoint)
}

test('a pinned namespace lives without processes until it is unpinned', () => {
  const namespace = Namespace.create()
  const { inode, id } = namespace.identity
  pinNamespace(namespace, path)
  namespace.close()
  using again = Namespace.open({ path })
  expect(again.identity).toMatchObject({ inode, id })
  unpinNamespace(path)
  expect(mountsOf(inode)).toEqual([])
  expect(existsSync(path)).toBe(false)
})

test('a name is one that ip netns knows, and can delete', () => {
  const name = `nwt-pin-${process.pid}`
  using namespace = Namespace.create()
  pinNamespace(namespace, `/run/netns/${name}`)
  try {
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).toContain(name)
    expect(execFileSync('ip', ['netns', 'exec', name, 'readlink', '/proc/self/ns/net'], { encoding: 'utf8' })).toBe(
      `net:[${namespace.identity.inode}]\n`,
    )
  } finally {
    execFileSync('ip', ['netns', 'delete', name])
  }
  expect(existsSync(`/run/netns/${name}`)).toBe(false)
})

test('a name that ip netns gave can be unpinned', () => {
  const name = `nwt-pin-${process.pid}-ip`
  execFileSync('ip', ['netns', 'add', name])
  unpinNamespace(`/run/netns/${name}`)
  expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(name)
})

test('names reach mount namespaces made before, and leave them', async () => {
  const name = `nwt-pin-${process.pid}-shared`
  prepareNamedNamespaces()
  const elsewhere = await holdAfter(['unshare', '--mount', '--propagation', 'slave'], ':')
  try {
    using namespace = Namespace.create()
    pinNamespace(namespace, `/run/netns/${name}`)
    const seen = () => nsfsMounts(elsewhere.pid).some((mount) => mount.mountPoint === `/run/netns/${name}`)
    expect(seen()).toBe(true)
    unpinNamespace(`/run/netns/${name}`)
    expect(seen()).toBe(false)
  } finally {
    await end(elsewhere)
  }
})

test('preparing /run/netns twice mounts it once', () => {
  prepareNamedNamespaces()
  const mounts = () => readMountTable('self').filter(({ mountPoint }) => mountPoint === '/run/netns').length
  const before = mounts()
  prepareNamedNamespaces()
  expect(mounts()).toBe(before)
  expect(before).toBeGreaterThan(0)
})

test('what is at the path already is left alone', () => {
  using namespace = Namespace.create()
  writeFileSync(path, 'precious')
  expect(() => pinNamespace(namespace, path)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
  expect(() => unpinNamespace(path)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('a mount of something else is not unpinned', () => {
  writeFileSync(path, '')
  execFileSync('mount', ['--bind', '/proc/self/ns/uts', path])
  expect(() => unpinNamespace(path)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  expect(readMountTable('self').some(({ mountPoint }) => mountPoint === path)).toBe(true)
})

test('a refused mount leaves no file behind', () => {
  expect(() => pinNamespace({ fd: 1_000_000 }, path)).toThrow(expect.objectContaining({ operation: 'bind mount' }))
  expect(existsSync(path)).toBe(false)
})

test('the mount point is a file that says nothing and that nobody may write', () => {
  using namespace = Namespace.create()
  pinNamespace(namespace, path)
  execFileSync('umount', [path])
  expect(statSync(path)).toMatchObject({ size: 0 })
  expect(statSync(path).mode & 0o777).toBe(0)
})

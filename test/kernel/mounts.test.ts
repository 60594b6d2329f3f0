import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nsfsMounts, readMountTable } from '../../src/kernel/mount-table.ts'
import { bindMount, bindMountDescriptor, setPropagation, unmount } from '../../src/kernel/mounts.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'

let directory: string
let pin: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-mounts-'))
  pin = join(directory, 'pin #1\\040\n')
  writeFileSync(pin, '')
})

afterEach(() => {
  for (const mount of readMountTable('self')
    .filter((mount) => mount.mountPoint.startsWith(directory))
    .reverse()) {
    unmount(mount.mountPoint, { lazily: true })
  }
  rmSync(directory, { recursive: true })
})

test('a namespace pinned at a hostile path outlives its descriptor and is found there', () => {
  const namespace = Namespace.create()
  const { inode, device } = namespace.identity
  bindMountDescriptor(namespace.fd, pin)
  namespace.close()
  const found = nsfsMounts('self').find((mount) => mount.inode === inode)
  expect(found).toMatchObject({ type: 'net', inode, device, mountPoint: pin })
  const again = Namespace.open({ path: pin })
  expect(again.identity.inode).toBe(inode)
  again.close()
  unmount(pin)
  expect(nsfsMounts('self').some((mount) => mount.inode === inode)).toBe(false)
})

test('unmount does not follow a symbolic link to a mount', () => {
  const namespace = Namespace.create()
  bindMountDescriptor(namespace.fd, pin)
  const link = join(directory, 'link')
  symlinkSync(pin, link)
  expect(() => unmount(link)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  expect(nsfsMounts('self').some((mount) => mount.mountPoint === pin)).toBe(true)
  namespace.close()
})

test('propagation is set, and findmnt agrees', () => {
  bindMount(directory, directory)
  for (const [propagation, flag] of [
    ['private', 'private'],
    ['shared', 'shared'],
    ['unbindable', 'unbindable'],
  ] as const) {
    setPropagation(directory, propagation)
    expect(execFileSync('findmnt', ['-no', 'PROPAGATION', directory], { encoding: 'utf8' })).toContain(flag)
    const mount = readMountTable('self').findLast((mount) => mount.mountPoint === directory)
    expect(mount?.shared !== undefined).toBe(propagation === 'shared')
    expect(mount?.unbindable).toBe(propagation === 'unbindable')
  }
})

test('a path with a NUL is refused instead of being cut short', () => {
  expect(() => bindMount(directory, `${directory}\0/elsewhere`)).toThrow(TypeError)
  expect(() => unmount(`${directory}\0`)).toThrow(TypeError)
})

import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { interfaceSysctl, readInterfaceSysctls, readSysctl, readSysctls, writeSysctl } from '../../src/kernel/sysctl.ts'

const name = `nwt-sysctl-${process.pid}`
let inside: Namespace
let home: Namespace

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', name])
  execFileSync('ip', ['-n', name, 'link', 'add', 'a.7', 'type', 'veth', 'peer', 'name', 'b'])
  inside = Namespace.open({ name })
  home = Namespace.open('own')
})

afterAll(() => {
  inside?.close()
  home?.close()
  execFileSync('ip', ['netns', 'delete', name])
})

/** The setting as another process reads it within the namespace. */
function independently(path: string): string {
  return execFileSync('ip', ['netns', 'exec', name, 'cat', `/proc/sys/${path}`], { encoding: 'utf8' }).trim()
}

test('a setting is written in the target namespace and nowhere else', () => {
  const before = readSysctl(home, 'net.ipv4.ip_forward')
  const other = before === '1' ? '0' : '1'
  writeSysctl(inside, 'net.ipv4.ip_forward', other)
  expect(readSysctl(inside, 'net.ipv4.ip_forward')).toBe(other)
  expect(independently('net/ipv4/ip_forward')).toBe(other)
  expect(readSysctl(home, 'net.ipv4.ip_forward')).toBe(before)
})

test('an interface with a dot in its name has its own settings', () => {
  writeSysctl(inside, interfaceSysctl('ipv4', 'a.7', 'rp_filter'), 2)
  expect(independently('net/ipv4/conf/a.7/rp_filter')).toBe('2')
  expect(readInterfaceSysctls(inside, 'ipv4', ['rp_filter']).get('a.7')?.get('rp_filter')).toBe('2')
})

test('lists exactly the interfaces of the namespace', () => {
  const names = [...readInterfaceSysctls(inside, 'ipv6', ['forwarding']).keys()].sort()
  expect(names).toEqual(['a.7', 'all', 'b', 'default', 'lo'])
})

test('settings that the kernel lacks are left out of many, and an error when asked for alone', () => {
  const values = readSysctls(inside, ['net.ipv4.ip_forward', 'net.ipv4.no_such_setting'])
  expect([...values.keys()]).toEqual(['net.ipv4.ip_forward'])
  expect(() => readSysctl(inside, 'net.ipv4.no_such_setting')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(() => writeSysctl(inside, 'net.ipv4.ip_forward', 'perhaps')).toThrow(
    expect.objectContaining({ code: 'EINVAL' }),
  )
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HostResolvConf } from './host-resolv-conf.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-resolv-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

const write = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

test('containers are given the servers behind systemd’s stub, when the stub is the only one', () => {
  const systemd = write('systemd', 'nameserver 192.0.2.1\n')
  const stub = new HostResolvConf(write('stub', 'nameserver 127.0.0.53\n'), systemd)
  expect(stub.readForContainers()).toMatchObject({ path: systemd, conf: { nameservers: ['192.0.2.1'] } })
  expect(stub.read().nameservers).toEqual(['127.0.0.53'])
  const two = new HostResolvConf(write('two', 'nameserver 127.0.0.53\nnameserver 192.0.2.2\n'), systemd)
  expect(two.readForContainers().conf.nameservers).toEqual(['127.0.0.53', '192.0.2.2'])
  const alone = new HostResolvConf(stub.path, join(directory, 'missing'))
  expect(alone.readForContainers()).toMatchObject({ path: stub.path, conf: { nameservers: ['127.0.0.53'] } })
})

test('a changed file is read again within a second or so, a missing one is empty', () => {
  const clock = vi.spyOn(performance, 'now')
  clock.mockReturnValue(10_000)
  const path = write('resolv.conf', 'nameserver 192.0.2.1\n')
  const conf = new HostResolvConf(path)
  expect(conf.read().nameservers).toEqual(['192.0.2.1'])
  write('resolv.conf', 'nameserver 192.0.2.2\nnameserver 192.0.2.3\n')
  expect(conf.read().nameservers).toEqual(['192.0.2.1'])
  clock.mockReturnValue(11_001)
  expect(conf.read().nameservers).toEqual(['192.0.2.2', '192.0.2.3'])
  rmSync(path)
  clock.mockReturnValue(13_000)
  expect(conf.read().nameservers).toEqual([])
})

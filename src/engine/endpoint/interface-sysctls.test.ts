import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEngineError } from '../errors.ts'
import { readInterfaceSysctls } from './interface-sysctls.ts'

const read = (text: string) => readInterfaceSysctls({ 'com.docker.network.endpoint.sysctls': text })

test('settings are read in their order, of the trees that have one for each interface', () => {
  expect(read('')).toEqual([])
  expect(readInterfaceSysctls({})).toEqual([])
  expect(read('net.ipv4.conf.IFNAME.log_martians=1, net.ipv6.neigh.IFNAME.gc_stale_time=30')).toEqual([
    { family: 'ipv4', group: 'conf', setting: 'log_martians', value: '1' },
    { family: 'ipv6', group: 'neigh', setting: 'gc_stale_time', value: '30' },
  ])
  expect(read('net.mpls.conf.IFNAME.input=1')).toEqual([
    { family: 'mpls', group: 'conf', setting: 'input', value: '1' },
  ])
})

test.each([
  'net.ipv4.conf.eth0.log_martians=1',
  'net.ipv4.ip_forward=1',
  'kernel.shmmax=1',
  'net.ipv4.conf.IFNAME.log_martians',
  'net.ipv4.conf.IFNAME.log_martians=',
  'net.ipv4.conf.IFNAME.../all=1',
  'net.ipv4.conf.IFNAME.log_martians=1,',
  'net.ipv4.conf.IFNAME.log_martians=1\n2',
  'net.mpls.neigh.IFNAME.input=1',
])('%j is refused', (text) => {
  expect(() => read(text)).toThrow(/IFNAME for the interface/)
})

test('no text gets a setting out of its tree', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        for (const { setting } of read(`net.ipv4.conf.IFNAME.${text}`)) expect(setting).toMatch(/^[a-z0-9_]+$/)
      } catch (error) {
        expect(isEngineError(error, 'option-invalid')).toBe(true)
      }
    }),
  )
})

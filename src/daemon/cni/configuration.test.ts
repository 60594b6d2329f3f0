import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CniError } from './cni-error.ts'
import { readConfiguration } from './configuration.ts'

const read = (change: object) => readConfiguration(JSON.stringify({ cniVersion: '1.1.0', name: 'net', ...change }))

test('one subnet and several are pools', () => {
  expect(read({ ipam: { subnet: '10.1.0.0/24', gateway: '10.1.0.9', range: '10.1.0.128/25' } }).pools).toEqual([
    { pool: '10.1.0.0/24', gateway: '10.1.0.9', subPool: '10.1.0.128/25' },
  ])
  expect(read({ ipam: { subnets: [{ subnet: '10.1.0.0/24' }, { subnet: 'fd00::/64' }] } }).pools).toEqual([
    { pool: '10.1.0.0/24' },
    { pool: 'fd00::/64' },
  ])
})

test('a network without ipam is one that exists already', () => {
  expect(read({}).pools).toEqual([])
})

test('ports of the runtime are published, those without a host port are not', () => {
  const portMappings = [
    { hostPort: 8080, containerPort: 80, protocol: 'TCP' },
    { hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
    { hostPort: 0, containerPort: 9000 },
  ]
  expect(read({ runtimeConfig: { portMappings } }).portMappings).toEqual([
    { protocol: 'tcp', containerPort: 80, hostPort: 8080 },
    { protocol: 'udp', containerPort: 53, hostPort: 5353, hostAddress: '127.0.0.1' },
  ])
})

test('addresses, MAC address and DNS come from the capabilities', () => {
  const runtimeConfig = {
    ips: ['10.1.0.7/24'],
    mac: '02:00:00:00:00:07',
    dns: { servers: ['10.1.0.1'], searches: ['example.org'] },
  }
  expect(read({ runtimeConfig, dns: { nameservers: ['9.9.9.9'] } })).toMatchObject({
    addresses: ['10.1.0.7/24'],
    macAddress: '02:00:00:00:00:07',
    dns: { nameservers: ['10.1.0.1'], search: ['example.org'] },
  })
})

test('the DNS settings of the configuration are passed on when the runtime has none', () => {
  const dns = { nameservers: ['9.9.9.9'], domain: 'example.org', search: ['a', 'b'], options: ['ndots:2'] }
  expect(read({ dns }).dns).toEqual(dns)
})

test('whatever JSON comes, it is read or refused with a CNI error', () => {
  const keys = ['name', 'ipam', 'runtimeConfig', 'prevResult', 'dns', 'mtu', 'bridge', 'cni.dev/valid-attachments']
  const document = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue())
  fc.assert(
    fc.property(document, (fields) => {
      try {
        readConfiguration(JSON.stringify({ cniVersion: '1.1.0', ...fields }))
      } catch (error) {
        expect(error).toBeInstanceOf(CniError)
      }
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readContainers, readNetworks, readSandboxKey } from './engine-answers.ts'

const ID = 'c'.repeat(64)

test('a container with its endpoints', () => {
  const answer = [
    {
      Id: ID,
      Names: ['/other/alias', '/web'],
      Labels: { tier: 'front', broken: 7 },
      HostConfig: { NetworkMode: 'shop' },
      NetworkSettings: {
        Networks: {
          shop: {
            NetworkID: 'n1',
            MacAddress: '02:42:AC:11:00:02',
            IPAddress: '172.17.0.2',
            IPPrefixLen: 16,
            GlobalIPv6Address: 'fd00::2',
            GlobalIPv6PrefixLen: 64,
          },
          none: { NetworkID: 'n2', MacAddress: '', IPAddress: '', IPPrefixLen: 0 },
        },
      },
    },
  ]
  expect(readContainers(answer)).toEqual({
    unreadable: 0,
    items: [
      {
        id: ID,
        name: 'web',
        networkMode: 'shop',
        labels: { tier: 'front' },
        endpoints: [
          {
            networkId: 'n1',
            networkName: 'shop',
            mac: '02:42:ac:11:00:02',
            addresses: ['172.17.0.2/16', 'fd00::2/64'],
          },
          { networkId: 'n2', networkName: 'none', mac: null, addresses: [] },
        ],
      },
    ],
  })
})

test('a container without a name is called by the beginning of its id', () => {
  for (const Names of [[], ['/'], [7], null, undefined]) {
    expect(readContainers([{ Id: ID, Names }])?.items[0]?.name).toBe('cccccccccccc')
  }
})

test('a network, also one of a swarm', () => {
  const answer = [
    {
      Id: 'ar41maqss2f2c5z7d7ab836rg',
      Name: 'mesh',
      Driver: 'overlay',
      Ingress: false,
      IPAM: { Config: [{ Subnet: '10.0.1.0/24' }, { Gateway: 'x' }, null] },
      Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
    },
    { Id: 'x', IPAM: null, Options: null },
  ]
  expect(readNetworks(answer)?.items).toEqual([
    {
      id: 'ar41maqss2f2c5z7d7ab836rg',
      name: 'mesh',
      driver: 'overlay',
      ingress: false,
      subnets: ['10.0.1.0/24'],
      options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
    },
    { id: 'x', name: 'x', driver: 'unknown', ingress: false, subnets: [], options: {} },
  ])
})

test('anything but a list is no answer', () => {
  for (const answer of [{}, null, 'x', 7, undefined]) {
    expect(readContainers(answer)).toBeUndefined()
    expect(readNetworks(answer)).toBeUndefined()
  }
})

/** Values of every type at every place that is read. */
const anything = fc.jsonValue({ maxDepth: 3 })
const misshapen = fc.record(
  {
    Id: fc.oneof(fc.constant(ID), anything),
    Names: anything,
    Labels: anything,
    HostConfig: fc.oneof(fc.record({ NetworkMode: anything }), anything),
    NetworkSettings: fc.record({
      SandboxKey: anything,
      Networks: fc.oneof(
        fc.dictionary(
          fc.string(),
          fc.record({ NetworkID: fc.string(), MacAddress: anything, IPAddress: anything, IPPrefixLen: anything }),
        ),
        anything,
      ),
    }),
    IPAM: fc.oneof(fc.record({ Config: fc.array(fc.oneof(fc.record({ Subnet: anything }), anything)) }), anything),
    Options: anything,
    Driver: anything,
    Name: anything,
  },
  { requiredKeys: [] },
)

test('whatever the types, what is read has the right ones', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(misshapen, anything)), (answer) => {
      for (const { id, name, labels, endpoints } of readContainers(answer)?.items ?? []) {
        expect([id, name, ...Object.values(labels)].every((text) => typeof text === 'string')).toBe(true)
        for (const { mac, addresses } of endpoints) {
          expect(mac === null || typeof mac === 'string').toBe(true)
          expect(addresses.every((address) => typeof address === 'string')).toBe(true)
        }
      }
      for (const { subnets, options } of readNetworks(answer)?.items ?? []) {
        expect([...subnets, ...Object.values(options)].every((text) => typeof text === 'string')).toBe(true)
      }
      for (const element of answer) expect(['string', 'undefined']).toContain(typeof readSandboxKey(element))
    }),
  )
})

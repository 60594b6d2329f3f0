import { expect, test } from 'vitest'
import { GraphBuilder, owner } from '../../../test/fixtures/graphs/graph-builder.ts'
import { compareNatural, sortedNaturally } from './natural-order.ts'
import { namespaceTitles } from './titles.ts'

test('a namespace is called as its owner calls it, else by its name, its process, its number', () => {
  const world = new GraphBuilder()
  world.namespace({ role: 'host' })
  world.container('web', 'docker', { names: ['attached'] })
  world.namespace({ role: 'overlay', owners: [owner('docker', 'n1', 'n1', 'backend')] })
  world.namespace({ role: 'ingress', owners: [owner('docker', 'n2', 'n2', 'ingress')] })
  world.namespace({ role: 'loadbalancer', owners: [owner('docker', 'n3', 'n3', 'backend')] })
  world.namespace({ owners: [owner('process', '812', 'nginx')] })
  world.namespace({ names: ['blue', 'green', 'red'], owners: [owner('process', '813', 'sh')] })
  world.namespace({ role: 'container', owners: [owner('podman', 'a', 'app'), owner('podman', 'b', 'sidecar')] })
  world.namespace()
  expect([...namespaceTitles(world.graph().namespaces).values()]).toEqual([
    'host',
    'web (docker)',
    'overlay backend (docker)',
    'ingress sandbox (docker)',
    'load balancer of backend (docker)',
    'nginx (process 812)',
    'blue, green +1 (netns)',
    'app, sidecar (podman)',
    'namespace 4026532008',
  ])
})

test('namespaces that would be called alike are told apart by their inodes', () => {
  const world = new GraphBuilder()
  world.container('web')
  world.container('web')
  expect([...namespaceTitles(world.graph().namespaces).values()]).toEqual([
    'web (docker) [4026532000]',
    'web (docker) [4026532001]',
  ])
})

test('long names are cut, and told apart still', () => {
  const world = new GraphBuilder()
  world.container(`${'x'.repeat(9999)}a`)
  world.container(`${'x'.repeat(9999)}b`)
  const [a, b] = namespaceTitles(world.graph().namespaces).values()
  expect(a!.length).toBeLessThan(80)
  expect(a).not.toBe(b)
})

test('numbers in names are ordered by value', () => {
  expect(sortedNaturally(['eth10', 'eth2', 'eth1', 'br0'], (name) => name)).toEqual(['br0', 'eth1', 'eth2', 'eth10'])
  expect(compareNatural('a1', 'a01')).not.toBe(0)
})

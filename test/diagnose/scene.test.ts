/** The scene of this host: namespaces in full, and how they hang together. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SceneError, takeScene } from '../../src/diagnose/scene/index.ts'
import type { Place } from '../../src/diagnose/scene/place.ts'
import type { Scene } from '../../src/diagnose/scene/scene.ts'
import { inodeOfName, ip, ipBatch } from '../support/iproute.ts'
import { buildRoutedWorld, type RoutedWorld, run } from './routed-world.ts'

let world: RoutedWorld
let scene: Scene
beforeAll(() => {
  world = buildRoutedWorld('scene')
  // A vxlan that is moved keeps sending where it was made.
  ip(`-n ${world.router} link add vx0 type vxlan id 42 dstport 4789 local 10.9.2.1`)
  ip(`-n ${world.router} link set vx0 netns ${world.left}`)
  ipBatch(
    [
      'link add br0 type bridge',
      'link set br0 up',
      'link add p0 type veth peer name p1',
      'link set p0 master br0',
      'neigh add 10.9.2.9 lladdr 02:00:00:00:00:09 dev toright nud permanent',
      'neigh add proxy 10.9.2.10 dev toright',
      'route add blackhole 10.50.0.0/16',
      'route add 10.60.0.0/16 via 10.9.2.2 mtu 1300 table 100',
      'rule add fwmark 7 lookup 100 pref 500',
    ],
    { inside: world.router },
  )
  run(world.router, 'sysctl -qw net.ipv4.conf.toleft.rp_filter=2 net.ipv4.conf.toright.accept_local=1')
})
afterAll(() => world.names.close())
beforeEach(async () => {
  scene = await takeScene()
})
afterEach(() => scene.close())

function placeOf(name: string): Place {
  return scene.place(inodeOfName(name))
}

describe('a scene', () => {
  test('has every part of a namespace', () => {
    const router = placeOf(world.router)
    expect(router.label).toBe(`ns:${world.router}`)
    expect(router.linkNamed('toleft')).toBe(router.link(router.linkNamed('toleft')!.index))
    expect(router.addresses.map(({ local }) => local)).toContain('10.9.1.1')
    expect(router.routes('ipv4').some(({ destination }) => destination === '10.50.0.0')).toBe(true)
    expect(router.rules('ipv4').some(({ priority }) => priority === 500)).toBe(true)
    expect(
      router.neighbours
        .filter(({ destination }) => destination?.startsWith('10.9.2.') === true)
        .map((one) => one.destination),
    ).toEqual(expect.arrayContaining(['10.9.2.9', '10.9.2.10']))
    expect(router.forwarding.length).toBeGreaterThan(0)
    expect(router.filters.isEmpty('ip')).toBe(true)
    expect(router.connections).toEqual([])
    expect(scene.warnings.filter((warning) => warning.includes(world.router))).toEqual([])
  })

  test('stays as it was read', () => {
    const router = placeOf(world.router)
    const before = router.routes('ipv4').length
    ip(`-n ${world.router} route add 10.70.0.0/16 via 10.9.2.2`)
    expect(router.routes('ipv4')).toHaveLength(before)
    ip(`-n ${world.router} route del 10.70.0.0/16`)
  })

  test('settings: of the namespace, of interfaces, and none where there is none', () => {
    const { settings } = placeOf(world.router)
    expect(settings.get('net.ipv4.ip_forward')).toBe('1')
    expect(settings.ofInterface('ipv4', 'toleft', 'rp_filter')).toBe('2')
    expect(settings.ofInterface('ipv4', 'toright', 'accept_local')).toBe('1')
    expect(settings.ofInterface('ipv4', 'all', 'forwarding')).toBe('1')
    expect(settings.ofInterface('ipv6', 'toleft', 'dad_transmits')).toBe('1')
    expect(settings.get('net.ipv4.no_such_setting')).toBeUndefined()
    expect(settings.ofInterface('ipv4', 'nothing', 'rp_filter')).toBeUndefined()
  })

  test('the ends of a pair, across namespaces and within one', () => {
    const left = placeOf(world.left)
    const router = placeOf(world.router)
    const end = scene.farEnd(left.inode, left.linkNamed('eth0')!.index)
    expect(end).toEqual({ place: router, index: router.linkNamed('toleft')!.index })
    const inside = scene.farEnd(router.inode, router.linkNamed('p0')!.index)
    expect(inside).toEqual({ place: router, index: router.linkNamed('p1')!.index })
    expect(scene.farEnd(router.inode, router.linkNamed('br0')!.index)).toBeUndefined()
  })

  test('a moved vxlan is routed where it was made', () => {
    const left = placeOf(world.left)
    expect(scene.underlay(left.inode, left.linkNamed('vx0')!.index)).toBe(placeOf(world.router))
    expect(scene.underlay(left.inode, left.linkNamed('eth0')!.index)).toBeDefined()
  })

  test('routes are looked up by the kernel; what it refuses is explained', () => {
    const router = placeOf(world.router)
    const toRight = router.linkNamed('toright')!.index
    expect(router.lookUpRoute({ destination: '10.9.2.2' })).toMatchObject({
      kind: 'unicast',
      output: toRight,
      gateway: undefined,
      source: '10.9.2.1',
      text: '10.9.2.0/24 dev toright src 10.9.2.1',
    })
    expect(router.lookUpRoute({ destination: '10.60.1.1', mark: 7 })).toMatchObject({
      kind: 'unicast',
      gateway: '10.9.2.2',
      mtu: 1300,
      table: 100,
    })
    expect(router.lookUpRoute({ destination: '10.60.1.1' })).toMatchObject({ kind: 'none' })
    expect(router.lookUpRoute({ destination: '10.50.1.1' })).toMatchObject({
      kind: 'blackhole',
      text: 'blackhole 10.50.0.0/16',
    })
    expect(router.lookUpRoute({ destination: '10.9.1.1' })).toMatchObject({ kind: 'local' })
    expect(router.lookUpRoute({ destination: 'fe80::1', outputInterface: toRight })).toMatchObject({
      kind: 'unicast',
      output: toRight,
    })
  })

  test('that a packet is refused on its way in is no missing route', () => {
    const right = placeOf(world.right)
    const eth0 = right.linkNamed('eth0')!.index
    // This one does not forward, and the source is its own.
    expect(right.lookUpRoute({ destination: '10.9.1.2', source: '10.9.2.2', inputInterface: eth0 })).toMatchObject({
      kind: 'unicast',
      gateway: '10.9.2.1',
      output: eth0,
    })
  })

  test('what is not there is said so', () => {
    expect(() => scene.place('1')).toThrow(SceneError)
    expect(scene.places().map(({ inode }) => inode)).toContain(inodeOfName(world.right))
    expect(scene.place(scene.home).node.inode).toBe(scene.home)
  })
})

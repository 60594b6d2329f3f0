/** What a watch tells of single changes. */
import { execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/index.ts'
import { end, holdAfter, holdDescriptor, namespaceOf } from '../support/holder.ts'
import { inodeOfName, ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'
import { Watching } from '../support/watching.ts'

const namespaces = new NamedNamespaces('watch')
const undo: (() => unknown)[] = []
let watching: Watching

beforeEach(async () => {
  watching = await Watching.start()
})

afterEach(async () => {
  await watching.close()
  for (const step of undo.splice(0).reverse()) await step()
  namespaces.close()
})

/** Makes a namespace and waits until it is under watch. */
async function joined(suffix: string): Promise<string> {
  const name = namespaces.add(suffix)
  await watching.untilAdded(name)
  return name
}

/** Runs `ip` commands inside a namespace, then waits until the last of them has been told. */
async function changed(name: string, ...lines: readonly string[]): Promise<void> {
  const mark = `mark${++marks}`
  ipBatch([...lines, `link add ${mark} type ifb`, `link del ${mark}`], { inside: name })
  await watching.until(({ action, subject }) => action === 'removed' && subject === mark)
}
let marks = 0

/** Lines about a namespace without the marks of `changed`. */
function told(name: string): string[] {
  return watching.lines(name).filter((line) => !/ mark\d+$/.test(line))
}

describe('new namespaces join', () => {
  test('when they get a name, within 200 ms', async () => {
    const delays: number[] = []
    for (let i = 0; i < 3; i++) {
      await sleep(150)
      const name = namespaces.name(`named${i}`)
      const start = performance.now()
      ip(`netns add ${name}`)
      const { after } = await watching.untilAdded(name)
      delays.push(performance.now() - start)
      expect(after).toEqual({ names: [name] })
      expect(
        watching.about(name).map(({ object, action, subject, implied }) => [object, action, subject, implied]),
      ).toEqual(
        expect.arrayContaining([
          ['namespace', 'added', name, false],
          ['link', 'added', 'lo', true],
        ]),
      )
    }
    // One of three: a busy machine may keep this process waiting for its turn.
    expect(Math.min(...delays)).toBeLessThan(200)
  })

  test('when a process moves into them, within 200 ms', async () => {
    const delays: number[] = []
    for (let i = 0; i < 3; i++) {
      const start = performance.now()
      const child = await holdAfter(['unshare', '--net'], ':')
      undo.push(() => end(child))
      const { namespace } = await watching.untilAdded(namespaceOf(child.pid))
      delays.push(performance.now() - start)
      expect(namespace?.owner).toMatchObject({ runtime: 'process', id: String(child.pid) })
    }
    // The time that the child took to start is in it.
    expect(Math.min(...delays)).toBeLessThan(200)
  })

  test('when an old process leaves for them', async () => {
    const script =
      'import os,sys,time; time.sleep(2.5); os.unshare(os.CLONE_NEWNET) if hasattr(os,"unshare") else __import__("ctypes").CDLL(None).unshare(0x40000000); print("there", flush=True); time.sleep(600)'
    const child = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    undo.push(() => end(child))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await watching.untilAdded(namespaceOf(child.pid!))
  })

  test('when nothing but a descriptor holds them', async () => {
    using namespace = Namespace.create()
    undo.push(
      (
        (holder) => () =>
          end(holder)
      )(holdDescriptor(namespace.fd)),
    )
    await watching.untilAdded(namespace.identity.inode)
  })

  test('when a namespace under watch is joined to them, also unseen by any process', async () => {
    const near = await joined('near')
    using far = Namespace.create()
    execFileSync(
      'ip',
      ['-n', near, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', '/proc/self/fd/3'],
      {
        stdio: ['ignore', 'ignore', 'inherit', far.fd],
      },
    )
    const key = `behind:${inodeOfName(near)}/${indexOf(near, 'v0')}`
    await watching.untilAdded(key)
    expect(watching.about(key).map(({ subject }) => subject)).toContain('v1')
    // As soon as it can be seen it is known as what it is, and is the same namespace as before.
    undo.push(
      (
        (holder) => () =>
          end(holder)
      )(holdDescriptor(far.fd)),
    )
    const revealed = await watching.until(
      ({ namespace, action }) => namespace?.inode === far.identity.inode && action === 'changed',
    )
    expect(revealed.before).toEqual({ inode: key, names: [] })
    expect(
      watching.about(far.identity.inode).filter(({ object, action }) => object === 'namespace' && action === 'added'),
    ).toEqual([])
  })
})

function indexOf(name: string, link: string): number {
  return JSON.parse(ip(`-n ${name} -j link show ${link}`))[0].ifindex
}

describe('each change is told once', () => {
  test('links: made, changed, renamed and removed', async () => {
    const name = await joined('links')
    watching.forget()
    await changed(
      name,
      'link add a0 address 02:00:00:00:00:0a type ifb',
      'link set a0 mtu 1400',
      'link set a0 name a1',
      'link set a1 up',
      'link del a1',
    )
    const links = watching
      .about(name)
      .filter(({ object, interface: on }) => object === 'link' && !on?.startsWith('mark'))
    expect(links.map(({ action, before, after }) => [action, before?.['name'], after?.['name']])).toEqual([
      ['added', undefined, 'a0'],
      ['changed', 'a0', 'a0'],
      ['changed', 'a0', 'a1'],
      ['changed', 'a1', 'a1'],
      // The kernel takes it down first.
      ['changed', 'a1', 'a1'],
      ['removed', 'a1', undefined],
    ])
    expect([links[1]?.before?.['mtu'], links[1]?.after?.['mtu']]).toEqual([1500, 1400])
    expect([links[3]?.before?.['up'], links[3]?.after?.['up']]).toEqual([false, true])
  })

  test('addresses, routes of both families, rules, neighbours', async () => {
    const name = await joined('objects')
    await changed(name, 'link add a0 type ifb', 'link set a0 addrgenmode none', 'link set a0 up')
    watching.forget()
    await changed(
      name,
      'addr add 10.9.0.1/24 dev a0',
      'addr add fd00:9::1/64 dev a0 nodad',
      'route add 10.8.0.0/16 via 10.9.0.2',
      'route replace 10.8.0.0/16 via 10.9.0.3',
      'route add blackhole 10.7.0.0/16 metric 5',
      'route del 10.8.0.0/16',
      'rule add from 10.1.0.0/16 table 77',
      'rule del from 10.1.0.0/16 table 77',
      'neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev a0',
      'neigh replace 10.9.0.7 lladdr 02:00:00:00:00:08 dev a0',
      'neigh del 10.9.0.7 dev a0',
      'addr del 10.9.0.1/24 dev a0',
    )
    // The kernel tells of an address of IPv6 from a work queue, so it may come after everything else
    // (addrconf_dad_work, net/ipv6/addrconf.c).
    await watching.until(({ action, subject }) => action === 'added' && subject.startsWith('fd00:9::1/64'))
    const lines = told(name)
    expect(lines.filter((line) => line.includes(' address fd00:9:'))).toEqual(['added address fd00:9::1/64 on a0'])
    expect(lines.filter((line) => line.includes(' address 10.'))).toEqual([
      'added address 10.9.0.1/24 on a0',
      'removed address 10.9.0.1/24 on a0',
    ])
    expect(lines.filter((line) => line.includes(' route 10.'))).toEqual([
      'added route 10.9.0.0/24 on a0',
      'added route 10.8.0.0/16 via 10.9.0.2 on a0',
      'changed route 10.8.0.0/16 via 10.9.0.3 on a0',
      'added route 10.7.0.0/16 blackhole',
      'removed route 10.8.0.0/16 via 10.9.0.3 on a0',
      'removed route 10.9.0.0/24 on a0',
    ])
    expect(lines.filter((line) => line.includes(' rule '))).toEqual([
      'added rule 32765: from 10.1.0.0/16 lookup 77',
      'removed rule 32765: from 10.1.0.0/16 lookup 77',
    ])
    expect(lines.filter((line) => line.includes(' neighbour 10.'))).toEqual([
      'added neighbour 10.9.0.7 on a0',
      'changed neighbour 10.9.0.7 on a0',
      // The kernel calls it failed before it removes it (neigh_delete, net/core/neighbour.c).
      'changed neighbour 10.9.0.7 on a0',
      'removed neighbour 10.9.0.7 on a0',
    ])
  })

  test('rules of the same number in both families', async () => {
    const name = await joined('families')
    watching.forget()
    ip(`-n ${name} rule del priority 32766`)
    ip(`-n ${name} -6 rule del priority 32766`)
    await changed(name)
    expect(told(name)).toEqual([
      'removed rule 32766: from all lookup main',
      'removed rule IPv6 32766: from all lookup main',
    ])
  })

  test('forwarding entries of a bridge and of a vxlan', async () => {
    const name = await joined('forwarding')
    await changed(name, 'link add br0 type bridge', 'link add p0 type ifb', 'link set p0 master br0')
    await changed(name, 'link add vx0 type vxlan id 7 dstport 4789 local 127.0.0.1')
    watching.forget()
    const bridge = (words: string): unknown => execFileSync('bridge', ['-n', name, ...words.split(' ')])
    bridge('fdb add 02:00:00:00:00:55 dev p0 master static')
    bridge('fdb append 02:00:00:00:00:66 dev vx0 dst 192.0.2.9')
    bridge('fdb del 02:00:00:00:00:55 dev p0 master')
    await changed(name)
    expect(told(name)).toEqual([
      'added forwarding 02:00:00:00:00:55 on p0',
      'added forwarding 02:00:00:00:00:66 on vx0 to 192.0.2.9',
      'removed forwarding 02:00:00:00:00:55 on p0',
    ])
  })

  test('IPv6 routes to the same subnet over several interfaces, each for itself', async () => {
    const name = await joined('subnets')
    const link = (one: string) => [
      `link add ${one} type veth peer name ${one}p`,
      `link set ${one}p up`,
      `link set ${one} up`,
    ]
    const route = (verb: string, one: string) => `route ${verb} 2001:db8:7::/64 dev ${one} metric 9`
    await changed(name, ...link('a0'), ...link('b0'), ...link('c0'))
    await changed(name, ...['a0', 'b0', 'c0'].map((one) => route('append', one)), route('del', 'b0'))
    expect(told(name).filter((line) => line.includes('2001:db8:7::'))).toEqual([
      'added route 2001:db8:7::/64 on a0',
      'added route 2001:db8:7::/64 on b0',
      'added route 2001:db8:7::/64 on c0',
      'removed route 2001:db8:7::/64 on b0',
    ])
  })

  test('a renamed interface takes its addresses and routes along', async () => {
    const name = await joined('renamed')
    await changed(name, 'link add a0 type ifb', 'link set a0 up', 'addr add 10.9.0.1/24 dev a0', 'link set a0 name a1')
    watching.forget()
    await changed(name, 'addr del 10.9.0.1/24 dev a1')
    expect(told(name).filter((line) => line.includes('10.9.0'))).toEqual([
      'removed address 10.9.0.1/24 on a1',
      'removed route 10.9.0.0/24 on a1',
    ])
  })
})

describe('what the kernel does silently is told too', () => {
  test('IPv4 routes that it flushes with their interface', async () => {
    const name = await joined('flushed')
    await changed(name, 'link add a0 type ifb', 'link set a0 up', 'addr add 10.9.0.1/24 dev a0')
    await changed(name, 'route add default via 10.9.0.2', 'route add 10.8.0.0/16 dev a0')
    watching.forget()
    await changed(name, 'link set a0 down')
    expect(
      told(name)
        .filter((line) => line.startsWith('removed route') && !line.includes('fe80'))
        .sort(),
    ).toEqual([
      'removed route 10.8.0.0/16 on a0',
      'removed route 10.9.0.0/24 on a0',
      'removed route default via 10.9.0.2 on a0',
    ])
  })

  test('IPv4 routes through a next hop object that is deleted', async () => {
    const name = await joined('nexthop')
    await changed(
      name,
      'link add a0 type ifb',
      'link set a0 up',
      'nexthop add id 5 dev a0',
      'route add 10.8.0.0/16 nhid 5',
    )
    watching.forget()
    await changed(name, 'nexthop del id 5')
    expect(told(name)).toContain('removed route 10.8.0.0/16 on a0')
  })
})

test('an interface that is moved leaves one namespace and comes to the other', async () => {
  const [from, to] = [await joined('from'), await joined('to')]
  await changed(from, 'link add a0 type ifb', 'link set a0 up', 'addr add 10.9.0.1/24 dev a0')
  watching.forget()
  await changed(from, `link set a0 netns ${to}`)
  await changed(to)
  expect(told(from).filter((line) => !line.includes('fe80') && !line.includes('changed'))).toEqual(
    expect.arrayContaining(['removed link a0', 'removed address 10.9.0.1/24 on a0', 'removed route 10.9.0.0/24 on a0']),
  )
  expect(told(to)).toEqual(['added link a0'])
})

test('the end of a namespace tells the end of all that was in it, as implied', async () => {
  const name = await joined('ends')
  await changed(name, 'link add a0 type ifb', 'link set a0 up', 'addr add 10.9.0.1/24 dev a0')
  watching.forget()
  ip(`netns del ${name}`)
  await watching.until(
    ({ object, action, subject }) => object === 'namespace' && action === 'removed' && subject === name,
  )
  const ended = watching.about(name)
  expect(ended.at(-1)).toMatchObject({ object: 'namespace', action: 'removed', implied: false })
  expect(ended.slice(0, -1).every(({ action, implied }) => action === 'removed' && implied)).toBe(true)
  expect(ended.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(['a0', 'lo', '10.9.0.1/24 on a0', '10.9.0.0/24 on a0']),
  )
})

test('a name that is given and taken away while a process lives in the namespace', async () => {
  const child = await holdAfter(['unshare', '--net'], ':')
  undo.push(() => end(child))
  const inode = namespaceOf(child.pid)
  await watching.untilAdded(inode)
  const name = namespaces.name('attached')
  watching.forget()
  ip(`netns attach ${name} ${child.pid}`)
  const given = await watching.until(({ namespace, action }) => namespace?.inode === inode && action === 'changed')
  expect([given.before, given.after]).toEqual([{ names: [] }, { names: [name] }])
  watching.forget()
  ip(`netns del ${name}`)
  const taken = await watching.until(({ namespace, action }) => namespace?.inode === inode && action === 'changed')
  expect([taken.before, taken.after]).toEqual([{ names: [name] }, { names: [] }])
})

test('an inode number that is used again is another namespace', async () => {
  const inodes = new Set<string>()
  let again = 0
  for (let i = 0; i < 30; i++) {
    const name = namespaces.add(`again${i}`)
    ipBatch([`link add only${i} type ifb`], { inside: name })
    const inode = inodeOfName(name)
    if (inodes.has(inode)) again++
    inodes.add(inode)
    await watching.until(({ subject }) => subject === `only${i}`)
    ip(`netns del ${name}`)
    await watching.until(
      ({ object, action, namespace }) => object === 'namespace' && action === 'removed' && namespace?.names[0] === name,
    )
    const about = watching.about(name)
    expect(
      about
        .filter(({ subject, object }) => object === 'link' && subject !== 'lo')
        .map(({ subject, action }) => `${action} ${subject}`),
    ).toEqual([`added only${i}`, `removed only${i}`])
  }
  expect(again, 'the kernel did not use an inode number again; nothing was tested').toBeGreaterThan(0)
})

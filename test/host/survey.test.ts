/** The survey of the host: far ends in namespaces that nothing shows, and in more namespaces than one observer numbers. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { takeGraph } from '../../src/host/index.ts'
import { end } from '../support/holder.ts'
import { inodeOfName, ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'

const namespaces = new NamedNamespaces('survey')
const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  namespaces.close()
})

/** Moves into a new namespace with the interfaces given, sends a socket of it to itself, closes it, and moves back. */
const HIDE = `
import array, ctypes, os, socket, subprocess, sys, time
libc = ctypes.CDLL(None)
home = os.open('/proc/self/ns/net', os.O_RDONLY)
libc.unshare(0x40000000)
for name, link in [pair.split(':') for pair in sys.argv[1:]]:
    subprocess.check_call(['ip', 'link', 'add', 'in-' + link, 'type', 'veth', 'peer', 'name', link, 'netns', name])
    subprocess.check_call(['ip', 'addr', 'add', '10.99.0.1/24', 'dev', 'in-' + link])
inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
libc.setns(home, 0x40000000)
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [inside.fileno()]))])
inside.close()
print('hidden', flush=True)
time.sleep(600)
`

test('a namespace that only its neighbours show is listed once, with its links and addresses', async () => {
  const [left, right] = [namespaces.add('left'), namespaces.add('right')]
  const child = spawn('python3', ['-c', HIDE, `${left}:out0`, `${right}:out1`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  undo.push(() => end(child))
  await once(child.stdout, 'data')
  const graph = await takeGraph()
  const hidden = graph.interfaces.filter(({ name }) => name === 'in-out0' || name === 'in-out1')
  expect(hidden.map(({ addresses }) => addresses)).toEqual([['10.99.0.1/24'], ['10.99.0.1/24']])
  expect(new Set(hidden.map(({ namespace }) => namespace)).size).toBe(1)
  const node = graph.namespaces.find(({ inode }) => inode === hidden[0]!.namespace)
  expect(node?.inode).toMatch(/^behind:\d+\/\d+$/)
  expect(node?.holders).toEqual([{ kind: 'neighbour', interface: node?.inode.slice('behind:'.length) }])
  for (const one of hidden) {
    expect(graph.links.filter(({ from, to }) => from === one.id || to === one.id)).toHaveLength(1)
  }
})

test('a ring of 300 namespaces whose interfaces all look alike is joined right, and nothing is changed by looking', async () => {
  const names = namespaces.addMany(300)
  // The worst case: same names, indices and MACs everywhere, so that looks tell nothing.
  ipBatch(
    names.map((name, i) => {
      const next = names[(i + 1) % names.length]
      const [a, b] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b']
      return `link add e0 index 50 address ${a} netns ${name} type veth peer name e1 index 51 address ${b} netns ${next}`
    }),
  )
  ipBatch([`netns set ${names[7]} auto`, `netns set ${names[290]} auto`])
  const sample = [0, 1, 127, 128, 200, 299].map((i) => names[i]!)
  const idsOf = (): string[] => sample.map((name) => ip(`-n ${name} netns list-id`))
  const before = [ip('netns list-id'), ...idsOf()]
  const graph = await takeGraph()
  expect([ip('netns list-id'), ...idsOf()]).toEqual(before)

  const inodes = names.map(inodeOfName)
  const mine = new Set(inodes)
  const joined = graph.links
    .filter(({ from }) => mine.has(from.split('/')[0]!))
    .map(({ from, to }) => [from, to].sort())
  const made = inodes.map((inode, i) => [`${inode}/50`, `${inodes[(i + 1) % inodes.length]}/51`].sort())
  expect(joined.map(String).sort()).toEqual(made.map(String).sort())

  const listed: { nsid: number; name?: string }[] = JSON.parse(ip('-j netns list-id'))
  for (const i of [7, 290, 100]) {
    const nsid = listed.find(({ name }) => name === names[i])?.nsid ?? null
    expect(graph.namespaces.find(({ inode }) => inode === inodes[i])?.nsid).toBe(nsid)
  }
})

test('a vxlan that was moved is joined with the namespace in which its outer packets travel', async () => {
  const [underlay, overlay] = [namespaces.add('underlay'), namespaces.add('overlay')]
  ipBatch(
    ['link add vx0 type vxlan id 77 dstport 4789 local 127.0.0.1 remote 127.0.0.2', `link set vx0 netns ${overlay}`],
    {
      inside: underlay,
    },
  )
  const graph = await takeGraph()
  const link = graph.links.find(({ kind, from }) => kind === 'vxlan' && from.startsWith(`${inodeOfName(overlay)}/`))
  expect(link?.details).toMatchObject({ vni: 77, remote: '127.0.0.2', underlay: inodeOfName(underlay) })
})

import { expect, test } from 'vitest'
import type { InspectedSocket, Inspection } from '../../../host/index.ts'
import { inspectionPage } from './page.ts'

const inspection = (parts: Partial<Inspection>): Inspection => ({
  schema: 'netwright/namespace/v1',
  host: 'test',
  takenAt: '2026-01-01T00:00:00Z',
  target: 'docker:web',
  namespace: {
    inode: '4026532000',
    id: null,
    role: 'container',
    names: ['web'],
    mounts: [],
    pids: [],
    nsid: null,
    owners: [{ runtime: 'docker', id: 'ab', name: 'web', labels: {} }],
    holders: [],
  },
  warnings: [],
  ...parts,
})
/** Colours as tags, so that a test can see them. */
const page = (parts: Partial<Inspection>): string =>
  inspectionPage(inspection(parts), (style, text) => `<${style}>${text}</>`)
const address = { address: '10.0.0.2', port: 80 }

test('the heading says what the namespace is and how else it is called; parts without anything are left out', () => {
  expect(page({ rules: [], sockets: [], dns: null, iptables: [] })).toBe(
    '<bold>docker:web</>\n  role         container\n  inode        4026532000\n  also called  docker:ab, ns:web\n  processes    none\n',
  )
})

test('services of a load balancer stand with their destinations', () => {
  const destination = { ...address, forwarding: 'masquerade', weight: 1, active: 2, inactive: 3 }
  const ipvs = [{ service: 'mark 256 ipv4', scheduler: 'rr', destinations: [destination] }]
  expect(page({ ipvs })).toContain(
    '<bold>IPVS services</>\n  mark 256 ipv4 rr\n    -> 10.0.0.2:80  masquerade  weight 1  2 active  3 inactive\n',
  )
})

test('what is wrong is coloured: a dead route, a failed neighbour, a full table of connections', () => {
  const text = page({
    routes: [
      {
        family: 'ipv4',
        table: 'main',
        tableNumber: 254,
        type: 'unicast',
        destination: 'default',
        gateway: null,
        interface: 'eth0',
        preferredSource: null,
        metric: 0,
        protocol: 'boot',
        scope: 'link',
        mtu: null,
        nextHops: [],
        state: ['dead', 'linkdown'],
        text: 'default dev eth0 dead linkdown',
      },
    ],
    neighbours: [{ family: 'ipv4', address: '10.0.0.1', mac: null, interface: 'eth0', state: 'failed', flags: [] }],
    conntrack: { entries: 95, maximum: 100, dropped: 7, insertFailed: 0, invalid: 0 },
  })
  expect(text).toContain('    <red>default dev eth0 dead linkdown</>\n')
  expect(text).toContain('  10.0.0.1  eth0  -  <red>failed</>\n')
  expect(text).toContain('  <red>95 of 100, nearly full</>, <red>7 packets dropped</>\n')
})

test('a listener comes with who holds it, and an interface in front of the port when it is bound to one', () => {
  const process = { pid: 7, fd: 3, command: 'ng\u001b[31minx' }
  const socket: InspectedSocket = {
    protocol: 'tcp',
    family: 'ipv6',
    state: 'LISTEN',
    local: { address: '::', port: 80 },
    remote: { address: '::', port: 0 },
    interface: 'eth0',
    receiveQueue: 2,
    sendQueue: 128,
    user: 0,
    processes: [process, { ...process, fd: 4 }],
  }
  expect(page({ sockets: [socket] })).toContain('  tcp  LISTEN  [::]%eth0:80  [::]:*  2 to read  ng\\x1b[31minx (7)\n')
})

test('settings of an interface are shown when they differ from what a new one gets', () => {
  const settings = {
    'net.ipv4.ip_forward': '1',
    'net.ipv4.conf.default.rp_filter': '0',
    'net.ipv4.conf.eth0.rp_filter': '2',
    'net.ipv4.conf.eth1.rp_filter': '0',
  }
  const text = page({ settings })
  expect(text).toContain('  net.ipv4.ip_forward           1\n  net.ipv4.conf.eth0.rp_filter  2\n')
  expect(text).not.toContain('eth1')
})

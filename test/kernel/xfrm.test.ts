import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import {
  addXfrmPolicy,
  deleteXfrmPolicy,
  flushXfrmPolicies,
  listXfrmPolicies,
  listXfrmStates,
  type XfrmPolicySettings,
} from '../../src/kernel/xfrm/index.ts'

const name = `nwt-xfrm-${process.pid}`
const cleanups: (() => void)[] = []
let socket: NetlinkSocket

beforeEach(() => {
  execFileSync('ip', ['netns', 'add', name])
  cleanups.push(() => execFileSync('ip', ['netns', 'delete', name]))
  const namespace = Namespace.open({ name })
  socket = NetlinkSocket.open(NetlinkProtocol.xfrm, namespace)
  cleanups.push(
    () => namespace.close(),
    () => socket.close(),
  )
})

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

function ip(...words: string[]): string {
  return execFileSync('ip', ['-n', name, 'xfrm', ...words], { encoding: 'utf8' })
}

const block: XfrmPolicySettings = {
  direction: 'in',
  selector: { source: '2001:db8::/32', destination: '::/0', protocol: 6, sourcePort: 443 },
  action: 'block',
  priority: 7,
  templates: [],
  mark: { value: 1, mask: 1 },
}

test('a policy that we make is as ip xfrm shows it', () => {
  addXfrmPolicy(socket, block)
  const shown = ip('policy', 'list')
  expect(shown).toMatch(/src 2001:db8::\/32 dst ::\/0 proto tcp sport 443/)
  expect(shown).toMatch(/dir in action block priority 7/)
  expect(shown).toMatch(/mark 0x1\/0x1/)
  expect(listXfrmPolicies(socket)).toEqual([{ ...block, index: expect.any(Number) }])
  expect(() => addXfrmPolicy(socket, block)).toThrow(/EEXIST/)
})

test('a policy that ip makes is read as it was made', () => {
  ip(
    ...'policy add src 10.0.0.0/8 dst 10.9.0.0/16 dir fwd priority 3 tmpl src 1.2.3.4 dst 5.6.7.8 proto esp reqid 5 mode tunnel level use'.split(
      ' ',
    ),
  )
  expect(listXfrmPolicies(socket)).toEqual([
    {
      direction: 'forward',
      selector: { source: '10.0.0.0/8', destination: '10.9.0.0/16' },
      action: 'allow',
      priority: 3,
      index: expect.any(Number),
      templates: [
        {
          source: '1.2.3.4',
          destination: '5.6.7.8',
          protocol: 'esp',
          mode: 'tunnel',
          requestId: 5,
          spi: 0,
          optional: true,
        },
      ],
    },
  ])
})

test('policies are removed one by one and all together', () => {
  addXfrmPolicy(socket, block)
  addXfrmPolicy(socket, { ...block, direction: 'out' })
  deleteXfrmPolicy(socket, block)
  expect(listXfrmPolicies(socket).map((policy) => policy.direction)).toEqual(['out'])
  expect(() => deleteXfrmPolicy(socket, block)).toThrow(/ENOENT/)
  flushXfrmPolicies(socket)
  expect(listXfrmPolicies(socket)).toEqual([])
})

test('a namespace without states lists none', () => {
  expect(listXfrmStates(socket)).toEqual([])
})

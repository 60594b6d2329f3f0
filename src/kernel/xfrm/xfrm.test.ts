/** IPsec states and policies as bytes, both ways, and what becomes of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import { acknowledge, fakeKernel, tableAnswer } from '../netlink/fake-kernel.ts'
import type { MessageKind } from '../netlink/message.ts'
import { MESSAGE_HEADER } from '../netlink/message.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { xfrmPolicy, xfrmPolicyId, xfrmState, xfrmStateId, xfrmStateWithSecrets } from './xfrm-message.ts'
import { addXfrmPolicy, deleteXfrmPolicy, listXfrmPolicies } from './xfrm-policies.ts'
import { addXfrmState, deleteXfrmState, listXfrmStates } from './xfrm-states.ts'

const zeros = (count: number): string => '00'.repeat(count)
const v4 = (hex: string): string => `${hex}${zeros(12)}`
const unlimited = `${'ff'.repeat(32)}${zeros(32)}`
const algorithmName = (text: string): string => Buffer.from(text.padEnd(64, '\0')).toString('hex')

const state = annotatedBytes(`
  ${zeros(40)} 02 00 00 00 ${zeros(12)}   # struct xfrm_selector: every IPv4 packet
  ${v4('c0000202')} 00 00 be ef 32 00 00 00 # struct xfrm_id: 192.0.2.2, SPI in network order, ESP
  ${v4('c0000201')}                       # source 192.0.2.1
  ${unlimited}                            # struct xfrm_lifetime_cfg
  64 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 # 100 bytes in 2 packets
  80 b2 e6 0e 00 00 00 00 00 00 00 00 00 00 00 00 # added, never used
  01 00 00 00 02 00 00 00 03 00 00 00     # struct xfrm_stats
  00 00 00 00 0b 00 00 00                 # sequence, reqid 11
  02 00 01 20 00 00 00 00 00 00 00 00     # AF_INET, tunnel, replay window 32, padding
  58 00 02 00                             # XFRMA_ALG_CRYPT
    ${algorithmName('cbc(aes)')} 80 00 00 00 000102030405060708090a0b0c0d0e0f
  5c 00 14 00                             # XFRMA_ALG_AUTH_TRUNC
    ${algorithmName('hmac(sha1)')} 80 00 00 00 60 00 00 00 ${'ab'.repeat(16)}
  0c 00 15 00 05 00 00 00 ff 00 00 00     # XFRMA_MARK
  1c 00 04 00 02 00 11 94 11 95 00 00 ${zeros(16)} # XFRMA_ENCAP: UDP, 4500 to 4501`)

const policy = annotatedBytes(`
  ${v4('0a090000')} ${v4('0a000000')}     # to 10.9.0.0, from 10.0.0.0
  00 35 ff ff 00 00 00 00                 # destination port 53, any source port
  02 00 10 08 11 00 00 00 ${zeros(8)}     # AF_INET, /16, /8, UDP
  ${unlimited} ${zeros(32)}
  03 00 00 00 0a 00 00 00                 # priority 3, index 10
  02 00 00 00 00 00 00 00                 # forward, allow
  44 00 05 00                             # XFRMA_TMPL
    ${v4('05060708')} 00 00 00 00 32 00 00 00
    02 00 00 00 ${v4('01020304')} 05 00 00 00
    01 00 00 00 ${'ff'.repeat(12)}        # tunnel
  0a 00 10 00 00 00 00 00 00 00 00 00     # XFRMA_POLICY_TYPE: main`)

const tableOf = (...rows: Buffer[]): NetlinkSocket => new NetlinkSocket(fakeKernel(tableAnswer(0x10, rows)))

/** The bodies of the requests that `use` sends to a kernel that accepts them. */
function sentBy(use: (socket: NetlinkSocket) => void): Buffer[] {
  const bodies: Buffer[] = []
  const socket = new NetlinkSocket(
    fakeKernel((request) => {
      bodies.push(Buffer.from(request.subarray(MESSAGE_HEADER)))
      return [acknowledge(request)]
    }),
  )
  use(socket)
  return bodies
}

describe.runIf(littleEndian)('bytes as the kernel sends them', () => {
  test('a policy reads and writes the same bytes', () => {
    expect(encoded(xfrmPolicy, decoded(xfrmPolicy, policy)!)).toEqual(policy)
  })

  test('a state keeps every value when it is read and written', () => {
    const value = decoded(xfrmStateWithSecrets, state)!
    expect(decoded(xfrmStateWithSecrets, encoded(xfrmStateWithSecrets, value))).toEqual(value)
    expect(encoded(xfrmStateWithSecrets, value)).toHaveLength(state.length)
    expect(encoded(xfrmStateWithSecrets, value).subarray(0, 224)).toEqual(state.subarray(0, 224))
  })

  test('a state, without its keys', () => {
    expect(listXfrmStates(tableOf(state))).toEqual([
      {
        source: '192.0.2.1',
        destination: '192.0.2.2',
        protocol: 'esp',
        spi: 0xbeef,
        mode: 'tunnel',
        requestId: 11,
        replayWindow: 32,
        selector: { source: '0.0.0.0/0', destination: '0.0.0.0/0' },
        encryption: { name: 'cbc(aes)', keyBits: 128 },
        authentication: { name: 'hmac(sha1)', keyBits: 128, checkBits: 96 },
        encapsulation: { type: 2, sourcePort: 4500, destinationPort: 4501 },
        mark: { value: 5, mask: 0xff },
        bytes: 100n,
        packets: 2n,
        added: new Date(250_000_000_000),
        firstUsed: undefined,
        refused: { late: 1, replayed: 2, integrity: 3 },
      },
    ])
  })

  test('keys are decoded on request only, and not kept as unknown bytes', () => {
    const [open] = listXfrmStates(tableOf(state), { secrets: true })
    expect(open?.encryption?.key).toBe('000102030405060708090a0b0c0d0e0f')
    expect(open?.authentication?.key).toBe('ab'.repeat(16))
    const strange = Buffer.concat([state, annotatedBytes(`24 00 99 00 ${'ab'.repeat(32)}`)])
    expect(decoded(xfrmState, strange)).not.toHaveProperty('unknown')
  })

  test('a policy and its template', () => {
    expect(listXfrmPolicies(tableOf(policy))).toEqual([
      {
        direction: 'forward',
        selector: { source: '10.0.0.0/8', destination: '10.9.0.0/16', protocol: 17, destinationPort: 53 },
        action: 'allow',
        priority: 3,
        index: 10,
        templates: [
          {
            source: '1.2.3.4',
            destination: '5.6.7.8',
            protocol: 'esp',
            mode: 'tunnel',
            requestId: 5,
            spi: 0,
            optional: false,
          },
        ],
      },
    ])
  })

  test('what was listed can be made again and removed', () => {
    const [listed] = listXfrmPolicies(tableOf(policy))
    const [made, removed] = sentBy((socket) => {
      addXfrmPolicy(socket, listed!)
      deleteXfrmPolicy(socket, listed!)
    })
    // The kernel chooses the index, and says the type that it assumes.
    const expected = Buffer.from(policy.subarray(0, policy.length - 12))
    expected.writeUInt32LE(0, 156)
    expect(made).toEqual(expected)
    expect(decoded(xfrmPolicyId, removed!)?.selector).toEqual(decoded(xfrmPolicy, policy)?.selector)
    const [open] = listXfrmStates(tableOf(state), { secrets: true })
    const [again, gone] = sentBy((socket) => {
      addXfrmState(socket, open!)
      deleteXfrmState(socket, open!)
    })
    const value = decoded(xfrmStateWithSecrets, again!)
    expect(value).toMatchObject({ encryption: open?.encryption, authenticationTruncated: open?.authentication })
    expect(value?.limits.hardBytes).toBe(0xffff_ffff_ffff_ffffn)
    expect(decoded(xfrmStateId, gone!)).toMatchObject({ spi: 0xbeef, protocol: 50, family: 2, mark: open?.mark })
  })
})

test('addresses that are none are refused before anything is sent', () => {
  const selector = { source: '10.0.0.0/8', destination: 'nowhere' }
  expect(
    sentBy((socket) => {
      expect(() => deleteXfrmPolicy(socket, { direction: 'in', selector })).toThrow(/"nowhere" is not an IP address/)
    }),
  ).toEqual([])
})

const kinds = [xfrmState, xfrmStateWithSecrets, xfrmStateId, xfrmPolicy, xfrmPolicyId] as const

test('garbage never throws, nor does a sound message with a byte changed', () => {
  const garbage = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))
  const damaged = fc.tuple(fc.constantFrom(state, policy), fc.nat(700), fc.nat(255)).map(([sample, at, byte]) => {
    const bytes = Buffer.from(sample)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(garbage, damaged), (bytes) => {
      for (const kind of kinds as readonly MessageKind<unknown>[]) kind.read(bytes, 0, bytes.length)
      listXfrmStates(tableOf(bytes), { secrets: true })
      listXfrmPolicies(tableOf(bytes))
    }),
    { numRuns: 300 },
  )
})

/** Generic netlink as bytes, both ways, and what becomes of it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import { acknowledge, fakeKernel, type KernelAnswer, tableAnswer } from '../netlink/fake-kernel.ts'
import type { MessageKind } from '../netlink/message.ts'
import { MESSAGE_HEADER } from '../netlink/message.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { Ethtool } from './ethtool.ts'
import { ethtoolFeatures, ethtoolLinkInfo, ethtoolLinkModes, ethtoolStrings } from './ethtool-message.ts'
import { FamilyMissingError, familyKind, findFamily } from './generic-family.ts'
import { GenericSocket } from './generic-socket.ts'
import { Ipvs } from './ipvs.ts'
import { ipvsKind } from './ipvs-message.ts'
import { Wireguard } from './wireguard.ts'
import { wireguardDevice, wireguardDeviceWithSecrets } from './wireguard-message.ts'

const family = { name: 'TEST', id: 32, version: 1, groups: new Map() }

function speaking(answer: KernelAnswer): GenericSocket {
  return new GenericSocket(new NetlinkSocket(fakeKernel(answer)), family)
}

const ethtoolFamily = annotatedBytes(`
  01 02 00 00                             # CTRL_CMD_NEWFAMILY
  06 00 01 00 15 00 00 00                 # CTRL_ATTR_FAMILY_ID 21
  0c 00 02 00 65 74 68 74 6f 6f 6c 00     # CTRL_ATTR_FAMILY_NAME "ethtool"
  08 00 03 00 01 00 00 00                 # CTRL_ATTR_VERSION
  1c 00 07 80                             # CTRL_ATTR_MCAST_GROUPS
    18 00 01 80
      0c 00 01 00 6d 6f 6e 69 74 6f 72 00 # "monitor"
      08 00 02 00 06 00 00 00             # 6`)

const service = annotatedBytes(`
  01 01 00 00                             # IPVS_CMD_NEW_SERVICE
  54 00 01 80                             # IPVS_CMD_ATTR_SERVICE
    06 00 01 00 02 00 00 00               # AF_INET
    06 00 02 00 06 00 00 00               # TCP
    14 00 03 00 0a 09 00 01 00 00 00 00 00 00 00 00 00 00 00 00
    06 00 04 00 00 50 00 00               # port 80
    07 00 06 00 72 72 00 00               # "rr"
    0c 00 07 00 03 00 00 00 ff ff ff ff   # persistent, hashed
    08 00 08 00 2c 01 00 00               # 300 seconds
    08 00 09 00 ff ff ff 00               # 255.255.255.0`)

const destination = annotatedBytes(`
  05 01 00 00                             # IPVS_CMD_NEW_DEST
  4c 00 02 80                             # IPVS_CMD_ATTR_DEST
    14 00 01 00 0a 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00
    06 00 02 00 1f 90 00 00               # port 8080
    08 00 03 00 03 00 00 80               # direct routing, and a bit of the kernel's own
    08 00 04 00 03 00 00 00               # weight 3
    08 00 07 00 02 00 00 00               # active connections
    06 00 0b 00 02 00 00 00               # AF_INET
    0c 00 0d 00 00 00 00 00 00 00 00 00   # longer than the tunnel type has been so far`)

const features = annotatedBytes(`
  0b 01 00 00                             # ETHTOOL_MSG_FEATURES_GET_REPLY
  18 00 01 80
    08 00 01 00 03 00 00 00               # index 3
    09 00 02 00 6c 65 66 74 00 00 00 00   # "left"
  24 00 02 80                             # ETHTOOL_A_FEATURES_HW
    08 00 02 00 40 00 00 00
    0c 00 04 00 03 00 00 00 01 00 00 00   # bits 0, 1, 32
    0c 00 05 00 ff ff ff ff ff ff ff ff
  1c 00 03 80                             # ETHTOOL_A_FEATURES_WANTED
    04 00 01 00
    08 00 02 00 40 00 00 00
    0c 00 04 00 02 00 00 00 01 00 00 00   # bits 1, 32
  1c 00 04 80                             # ETHTOOL_A_FEATURES_ACTIVE
    04 00 01 00
    08 00 02 00 40 00 00 00
    0c 00 04 00 00 00 00 00 01 00 00 00   # bit 32
  1c 00 05 80                             # ETHTOOL_A_FEATURES_NOCHANGE
    04 00 01 00
    08 00 02 00 40 00 00 00
    0c 00 04 00 01 00 00 00 00 00 00 00   # bit 0`)

const keyBytes = (byte: string): string => byte.repeat(32)
const peer = annotatedBytes(`
  00 01 00 00                             # WG_CMD_GET_DEVICE
  08 00 01 00 04 00 00 00                 # index 4
  08 00 02 00 77 67 30 00                 # "wg0"
  06 00 06 00 6c ca 00 00                 # port 51820
  08 00 07 00 07 00 00 00                 # mark 7
  94 00 08 80                             # WGDEVICE_A_PEERS
    90 00 01 80
      24 00 01 00 ${keyBytes('01')}       # WGPEER_A_PUBLIC_KEY
      14 00 04 00 02 00 11 94 c0 00 02 01 00 00 00 00 00 00 00 00 # 192.0.2.1:4500
      06 00 05 00 19 00 00 00             # every 25 seconds
      14 00 06 00 80 b2 e6 0e 00 00 00 00 00 65 cd 1d 00 00 00 00 # 250000000.5
      0c 00 07 00 05 00 00 00 00 00 00 00 # received
      0c 00 08 00 06 00 00 00 00 00 00 00 # sent
      20 00 09 80                         # WGPEER_A_ALLOWEDIPS
        1c 00 01 80
          06 00 01 00 02 00 00 00
          08 00 02 00 0a 01 00 00
          05 00 03 00 10 00 00 00         # /16`)

// What the kernel goes on with when a peer did not fit: the same key, the rest of its addresses.
const peerContinued = annotatedBytes(`
  00 01 00 00
  58 00 08 80
    54 00 01 80
      24 00 01 00 ${keyBytes('01')}
      2c 00 09 80
        28 00 01 80
          06 00 01 00 0a 00 00 00
          14 00 02 00 fd 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00
          05 00 03 00 40 00 00 00         # /64`)

const secretDevice = annotatedBytes(`
  00 01 00 00
  24 00 03 00 ${keyBytes('5e')}           # WGDEVICE_A_PRIVATE_KEY
  08 00 01 00 04 00 00 00
  50 00 08 80
    4c 00 01 80
      24 00 02 00 ${keyBytes('5f')}       # WGPEER_A_PRESHARED_KEY
      24 00 01 00 ${keyBytes('01')}`)

describe.runIf(littleEndian)('bytes as the kernel sends them', () => {
  test.each<[string, MessageKind<unknown>, Buffer]>([
    ['a family', familyKind as MessageKind<unknown>, ethtoolFamily],
    ['an IPVS service', ipvsKind as MessageKind<unknown>, service],
    ['features', ethtoolFeatures as MessageKind<unknown>, features],
    ['a WireGuard device', wireguardDevice as MessageKind<unknown>, peer],
    ['the rest of a peer', wireguardDevice as MessageKind<unknown>, peerContinued],
  ])('%s reads and writes the same bytes', (_, kind, bytes) => {
    expect(encoded(kind, decoded(kind, bytes) as object)).toEqual(bytes)
  })

  test('a family is found among all, or is a typed error', () => {
    const socket = new NetlinkSocket(fakeKernel(tableAnswer(16, [ethtoolFamily])))
    expect(findFamily(socket, 'ethtool')).toEqual({
      name: 'ethtool',
      id: 21,
      version: 1,
      groups: new Map([['monitor', 6]]),
    })
    expect(() => findFamily(socket, 'IPVS')).toThrow(FamilyMissingError)
    const without = new NetlinkSocket(fakeKernel((request) => [acknowledge(request, 2)]))
    expect(() => findFamily(without, 'IPVS', { load: true })).toThrow(FamilyMissingError)
    const refusing = new NetlinkSocket(fakeKernel((request) => [acknowledge(request, 1)]))
    expect(() => findFamily(refusing, 'IPVS', { load: true })).toThrow(/EPERM/)
  })

  test('an IPVS service and its destinations', () => {
    expect(new Ipvs(speaking(tableAnswer(32, [service]))).services()).toMatchObject([
      {
        key: { protocol: 'tcp', address: '10.9.0.1', port: 80 },
        scheduler: 'rr',
        flags: ['persistent'],
        persistenceTimeout: 300,
        persistencePrefix: 24,
        statistics: { connections: 0n },
      },
    ])
    const key = { protocol: 'tcp', address: '10.9.0.1', port: 80 } as const
    expect(new Ipvs(speaking(tableAnswer(32, [destination]))).destinations(key)).toMatchObject([
      { address: '10.0.0.2', port: 8080, forwarding: 'direct-route', weight: 3, activeConnections: 2 },
    ])
  })

  test('a service is written as it is read', () => {
    const sent: Buffer[] = []
    const ipvs = new Ipvs(
      speaking((request) => {
        sent.push(request.subarray(MESSAGE_HEADER))
        return [acknowledge(request)]
      }),
    )
    const options = { scheduler: 'rr', flags: ['persistent'], persistenceTimeout: 300, persistencePrefix: 24 } as const
    ipvs.addService({ protocol: 'tcp', address: '10.9.0.1', port: 80 }, options)
    const written = Buffer.from(service)
    // The kernel alone says that it has hashed the service.
    written[written.indexOf(annotatedBytes('0c 00 07 00')) + 4] = 1
    expect(sent).toEqual([written])
  })

  test('features by name: on, wanted, fixed', () => {
    const names = annotatedBytes(`
      01 01 00 00                         # ETHTOOL_MSG_STRSET_GET_REPLY
      5c 00 02 80
        58 00 01 80
          08 00 01 00 04 00 00 00         # ETH_SS_FEATURES
          4c 00 03 80
            18 00 01 80
              08 00 01 00 00 00 00 00
              0a 00 02 00 66 69 78 65 64 00 00 00 # "fixed"
            18 00 01 80
              08 00 01 00 01 00 00 00
              0b 00 02 00 77 61 6e 74 65 64 00 00 # "wanted"
            18 00 01 80
              08 00 01 00 20 00 00 00
              0a 00 02 00 61 62 6f 76 65 00 00 00 # "above", bit 32`)
    const ethtool = new Ethtool(
      speaking((request) => tableAnswer(32, [request[MESSAGE_HEADER] === 1 ? names : features])(request)),
    )
    expect(ethtool.features()).toEqual([
      {
        index: 3,
        interface: 'left',
        features: [
          { name: 'fixed', active: false, wanted: false, changeable: false },
          { name: 'wanted', active: false, wanted: true, changeable: true },
          { name: 'above', active: true, wanted: true, changeable: true },
        ],
      },
    ])
  })

  test('a WireGuard peer that came in two messages is one', () => {
    const wireguard = new Wireguard(speaking(tableAnswer(32, [peer, peerContinued])))
    expect(wireguard.device('wg0')).toEqual({
      index: 4,
      name: 'wg0',
      publicKey: undefined,
      privateKey: undefined,
      listenPort: 51820,
      firewallMark: 7,
      peers: [
        {
          publicKey: Buffer.alloc(32, 1).toString('base64'),
          presharedKey: undefined,
          endpoint: { address: '192.0.2.1', port: 4500 },
          allowedIps: ['10.1.0.0/16', 'fd01::/64'],
          keepaliveInterval: 25,
          lastHandshake: new Date(250_000_000_500),
          receivedBytes: 5n,
          sentBytes: 6n,
        },
      ],
    })
  })

  test('keys are decoded on request only', () => {
    const read = (secrets: boolean) =>
      new Wireguard(speaking(tableAnswer(32, [secretDevice]))).device('wg0', { secrets })
    expect(read(false)).toMatchObject({ privateKey: undefined, peers: [{ presharedKey: undefined }] })
    expect(read(true)).toMatchObject({
      privateKey: Buffer.alloc(32, 0x5e).toString('base64'),
      peers: [{ presharedKey: Buffer.alloc(32, 0x5f).toString('base64') }],
    })
    // Not even as attributes that are not known.
    const everything = JSON.stringify(decoded(wireguardDevice, secretDevice))
    expect(everything).not.toContain('94,94,94')
    expect(everything).not.toContain('95,95,95')
    expect(encoded(wireguardDeviceWithSecrets, decoded(wireguardDeviceWithSecrets, secretDevice)!)).toHaveLength(
      secretDevice.length,
    )
  })
})

test('a wrong key is refused without repeating it', () => {
  const wireguard = new Wireguard(speaking((request) => [acknowledge(request)]))
  expect(() => wireguard.configure('wg0', { privateKey: 'c2VjcmV0' })).toThrow(
    /^a WireGuard key is 32 bytes in base64$/,
  )
})

const kinds = [familyKind, ipvsKind, ethtoolFeatures, ethtoolStrings, ethtoolLinkInfo, ethtoolLinkModes] as const
const wireguardKinds = [wireguardDevice, wireguardDeviceWithSecrets] as const
const samples = [ethtoolFamily, service, destination, features, peer, peerContinued, secretDevice]

test('garbage never throws, nor does a sound message with a byte changed', () => {
  const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  const damaged = fc.tuple(fc.constantFrom(...samples), fc.nat(255), fc.nat(255)).map(([sample, at, byte]) => {
    const bytes = Buffer.from(sample)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(garbage, damaged), (bytes) => {
      for (const kind of [...kinds, ...wireguardKinds]) kind.read(bytes, 0, bytes.length)
      new Ipvs(speaking(tableAnswer(32, [bytes]))).services()
      new Wireguard(speaking(tableAnswer(32, [bytes]))).device('wg0', { secrets: true })
      new Ethtool(speaking(tableAnswer(32, [bytes]))).features()
    }),
    { numRuns: 300 },
  )
})

import { expect, test } from 'vitest'
import type { NetworkRecord } from '../../model.ts'
import { BridgeOption, bridgeSettings } from './bridge-options.ts'

function network(options: Record<string, string>, change: Partial<NetworkRecord> = {}): NetworkRecord {
  return {
    id: 'abcdef0123456789',
    name: 'lan',
    internal: false,
    ipv6: false,
    pools: [],
    options,
    ...change,
  } as NetworkRecord
}

test('a network without options', () => {
  expect(bridgeSettings(network({}))).toEqual({
    bridgeName: 'br-abcdef012345',
    named: false,
    masquerade: true,
    icc: true,
    inhibitIPv4: false,
    hostBinding: '0.0.0.0',
    gatewayModes: { 4: 'nat', 6: 'nat' },
    trustedHostInterfaces: [],
    mtu: undefined,
    sourceAddress: { 4: undefined, 6: undefined },
    interfacePrefix: 'eth',
  })
})

test('options are read as their users write them', () => {
  const options = {
    [BridgeOption.name]: 'lan0',
    [BridgeOption.icc]: 'F',
    [BridgeOption.masquerade]: '0',
    [BridgeOption.mtu]: '9000',
    [BridgeOption.trustedHostInterfaces]: 'eth0:eth1.5',
    [BridgeOption.gatewayModeIPv6]: 'routed',
    [BridgeOption.hostIPv6]: 'fd00::9',
  }
  expect(bridgeSettings(network(options))).toMatchObject({
    bridgeName: 'lan0',
    named: true,
    icc: false,
    masquerade: false,
    mtu: 9000,
    trustedHostInterfaces: ['eth0', 'eth1.5'],
    gatewayModes: { 4: 'nat', 6: 'routed' },
    sourceAddress: { 6: 'fd00::9' },
  })
})

test.each([
  [BridgeOption.icc, 'yes', 'true or false'],
  [BridgeOption.mtu, '67', '68 to 65535'],
  [BridgeOption.mtu, '1.5', '68 to 65535'],
  [BridgeOption.mtu, '-1', '68 to 65535'],
  [BridgeOption.name, 'a-name-that-is-too-long', '1 to 15'],
  [BridgeOption.name, 'a/b', '1 to 15'],
  [BridgeOption.name, '..', '1 to 15'],
  [BridgeOption.interfacePrefix, '9eth', 'a letter'],
  [BridgeOption.hostBinding, '::', 'an IPv4 address'],
  [BridgeOption.hostIPv6, '10.0.0.1', 'an IPv6 address'],
  [BridgeOption.hostIPv4, 'localhost', 'an IPv4 address'],
  [BridgeOption.gatewayModeIPv4, 'bridge', 'nat, nat-unprotected, routed, isolated'],
  [BridgeOption.gatewayModeIPv4, 'isolated', 'internal networks only'],
  [BridgeOption.trustedHostInterfaces, 'eth0::eth1', '1 to 15'],
])('%s may not be %j, and the error says what it may be', (option, value, allowed) => {
  const attempt = (): unknown => bridgeSettings(network({ [option]: value }))
  expect(attempt).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  expect(attempt).toThrow(option)
  expect(attempt).toThrow(allowed)
})

test('IPv6 needs an MTU of 1280', () => {
  const options = { [BridgeOption.mtu]: '1279' }
  expect(bridgeSettings(network(options)).mtu).toBe(1279)
  expect(() => bridgeSettings(network(options, { ipv6: true }))).toThrow('IPv6 needs 1280')
})

/** Options of a bridge network, under libnetwork's names, read and checked. */
import { parseIp } from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'

/** Names of the options, as libnetwork has them. */
export const BridgeOption = {
  name: 'com.docker.network.bridge.name',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  icc: 'com.docker.network.bridge.enable_icc',
  inhibitIPv4: 'com.docker.network.bridge.inhibit_ipv4',
  hostBinding: 'com.docker.network.bridge.host_binding_ipv4',
  defaultBridge: 'com.docker.network.bridge.default_bridge',
  gatewayModeIPv4: 'com.docker.network.bridge.gateway_mode_ipv4',
  gatewayModeIPv6: 'com.docker.network.bridge.gateway_mode_ipv6',
  trustedHostInterfaces: 'com.docker.network.bridge.trusted_host_interfaces',
  mtu: 'com.docker.network.driver.mtu',
  hostIPv4: 'com.docker.network.host_ipv4',
  hostIPv6: 'com.docker.network.host_ipv6',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
} as const

/**
 * How a family's traffic crosses the bridge. `nat`: sources are translated on the way out, only published ports are open.
 * `nat-unprotected`: the same, but every port is open to who routes to it. `routed`: no translation, published ports are open
 * at the container's own address. `isolated`: not even the host has an address on the bridge.
 */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated'

const GATEWAY_MODES: readonly GatewayMode[] = ['nat', 'nat-unprotected', 'routed', 'isolated']

/** What the options of a network say. */
export interface BridgeSettings {
  readonly bridgeName: string
  /** The name was given, so that a bridge of that name may exist already. */
  readonly named: boolean
  readonly masquerade: boolean
  readonly icc: boolean
  /** The bridge gets no IPv4 address: another machine on it is the gateway. */
  readonly inhibitIPv4: boolean
  /** Address of the host that ports are published on when the mapping names none. */
  readonly hostBinding: string
  readonly gatewayModes: { readonly 4: GatewayMode; readonly 6: GatewayMode }
  /** Interfaces of the host from which containers may be reached at their own addresses. */
  readonly trustedHostInterfaces: readonly string[]
  readonly mtu: number | undefined
  /** Source address that containers leave the host with, instead of that of the outgoing interface. */
  readonly sourceAddress: { readonly 4: string | undefined; readonly 6: string | undefined }
  readonly interfacePrefix: string
}

/** Smallest MTU that IPv4 (RFC 791) and IPv6 (RFC 8200) work with, and the largest that Ethernet drivers take. */
const MTU_LEAST = { 4: 68, 6: 1280 } as const
const MTU_MOST = 65535
/** IFNAMSIZ less the terminating NUL, and less four digits for the number behind a prefix. */
const NAME_MOST = 15
const PREFIX_MOST = 11

/** The settings of a network. @throws EngineError option-invalid, naming the option and what it may be */
export function bridgeSettings(network: NetworkRecord): BridgeSettings {
  const { options } = network
  const text = (name: string): string | undefined => (options[name] === '' ? undefined : options[name])
  const yes = (name: string, otherwise: boolean): boolean => truth(network, name, text(name), otherwise)
  // Accepted for networks that were made for Docker; a bridge is deleted with its network if it was made for it, in any case.
  yes(BridgeOption.defaultBridge, false)
  return {
    bridgeName: interfaceName(network, BridgeOption.name, text(BridgeOption.name) ?? `br-${network.id.slice(0, 12)}`),
    named: text(BridgeOption.name) !== undefined,
    masquerade: yes(BridgeOption.masquerade, true),
    icc: yes(BridgeOption.icc, true),
    inhibitIPv4: yes(BridgeOption.inhibitIPv4, false),
    hostBinding: address(network, BridgeOption.hostBinding, text(BridgeOption.hostBinding), 4) ?? '0.0.0.0',
    gatewayModes: {
      4: gatewayMode(network, BridgeOption.gatewayModeIPv4, text(BridgeOption.gatewayModeIPv4)),
      6: gatewayMode(network, BridgeOption.gatewayModeIPv6, text(BridgeOption.gatewayModeIPv6)),
    },
    trustedHostInterfaces: trusted(network, text(BridgeOption.trustedHostInterfaces)),
    mtu: mtu(network, text(BridgeOption.mtu)),
    sourceAddress: {
      4: address(network, BridgeOption.hostIPv4, text(BridgeOption.hostIPv4), 4),
      6: address(network, BridgeOption.hostIPv6, text(BridgeOption.hostIPv6), 6),
    },
    interfacePrefix: prefix(network, text(BridgeOption.interfacePrefix) ?? 'eth'),
  }
}

function invalid(network: NetworkRecord, option: string, value: string, allowed: string): EngineError {
  const shown = JSON.stringify(value.slice(0, 80))
  return new EngineError('option-invalid', `option ${option} of network ${network.name} is ${shown}: ${allowed}`, {
    network: network.id,
  })
}

/** Yes or no, in the spellings of Go's strconv.ParseBool, which users of Docker know. */
function truth(network: NetworkRecord, option: string, value: string | undefined, otherwise: boolean): boolean {
  if (value === undefined) return otherwise
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false
  throw invalid(network, option, value, 'it may be true or false')
}

function gatewayMode(network: NetworkRecord, option: string, value: string | undefined): GatewayMode {
  if (value === undefined) return 'nat'
  const mode = GATEWAY_MODES.find((mode) => mode === value)
  if (mode === undefined) throw invalid(network, option, value, `it may be ${GATEWAY_MODES.join(', ')}`)
  if (mode === 'isolated' && !network.internal) {
    throw invalid(network, option, value, 'isolated is for internal networks only')
  }
  return mode
}

/** What the kernel takes as an interface's name (dev_valid_name, net/core/dev.c), without what would confuse a reader. */
function interfaceName(network: NetworkRecord, option: string, value: string): string {
  if (!/^[\w.@+-]+$/.test(value) || value.length > NAME_MOST || value === '.' || value === '..') {
    throw invalid(network, option, value, `it may be 1 to ${NAME_MOST} letters, digits and ._@+-`)
  }
  return value
}

function prefix(network: NetworkRecord, value: string): string {
  if (!/^[A-Za-z][\w.-]*$/.test(value) || value.length > PREFIX_MOST) {
    throw invalid(
      network,
      BridgeOption.interfacePrefix,
      value,
      `it may be a letter and up to ${PREFIX_MOST - 1} more letters, digits and ._-`,
    )
  }
  return value
}

function trusted(network: NetworkRecord, value: string | undefined): string[] {
  if (value === undefined) return []
  return value.split(':').map((name) => interfaceName(network, BridgeOption.trustedHostInterfaces, name))
}

function mtu(network: NetworkRecord, value: string | undefined): number | undefined {
  if (value === undefined || value === '0') return undefined
  const least = MTU_LEAST[network.ipv6 ? 6 : 4]
  const bytes = /^\d{1,6}$/.test(value) ? Number(value) : -1
  if (bytes < least || bytes > MTU_MOST) {
    const why = network.ipv6 ? ' (IPv6 needs 1280)' : ''
    throw invalid(network, BridgeOption.mtu, value, `it may be ${least} to ${MTU_MOST}${why}, or 0 for the usual`)
  }
  return bytes
}

function address(network: NetworkRecord, option: string, value: string | undefined, family: 4 | 6): string | undefined {
  if (value === undefined) return undefined
  try {
    if (parseIp(value).length === (family === 4 ? 4 : 16)) return value
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw invalid(network, option, value, `it may be an IPv${family} address`)
}

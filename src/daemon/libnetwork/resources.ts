/** Objects as libnetwork's HTTP API shows them; how Go writes addresses and bytes into JSON. */
import type { Endpoint, Network, Sandbox } from '../../engine/index.ts'
import { parseIp, parseMac } from '../../kernel/index.ts'

/** An endpoint; there it is also called a service. */
export interface EndpointResource {
  readonly name: string
  readonly id: string
  /** The network's name. */
  readonly network: string
}

/** A network. */
export interface NetworkResource {
  readonly name: string
  readonly id: string
  /** Its driver. */
  readonly type: string
  readonly endpoints: readonly EndpointResource[]
}

/** A sandbox; all empty where there is none. */
export interface SandboxResource {
  readonly id: string
  readonly key: string
  readonly container_id: string
}

/** An endpoint as an answer. */
export function endpointResource(endpoint: Endpoint): EndpointResource {
  return { name: endpoint.name, id: endpoint.id, network: endpoint.network.name }
}

/** A network as an answer. */
export function networkResource(network: Network): NetworkResource {
  const { name, id, driver } = network.info()
  return { name, id, type: driver, endpoints: network.endpoints().map(endpointResource) }
}

/** A sandbox as an answer. */
export function sandboxResource(sandbox: Sandbox | null): SandboxResource {
  if (sandbox === null) return { id: '', key: '', container_id: '' }
  const { id, key, containerId } = sandbox.info()
  return { id, key, container_id: containerId }
}

/** What publishing a service answers. Go writes byte arrays in base64: masks and MAC addresses; addresses are texts. */
export function publishedService(endpoint: Endpoint): unknown {
  const { addresses, macAddress, gateway, gatewayIPv6 } = endpoint.info()
  return {
    id: endpoint.id,
    address: addressNet(addresses.find((address) => !address.includes(':'))),
    address_ipv6: addressNet(addresses.find((address) => address.includes(':'))),
    mac_address: macAddress === null ? null : Buffer.from(parseMac(macAddress)).toString('base64'),
    gateway: gateway ?? '',
    gateway_ipv6: gatewayIPv6 ?? '',
  }
}

function addressNet(address: string | undefined): { readonly IP: string; readonly Mask: string | null } {
  const [ip = '', length] = (address ?? '').split('/')
  if (ip === '') return { IP: '', Mask: null }
  return { IP: ip, Mask: netmask(Number(length), parseIp(ip).length).toString('base64') }
}

/** The first `length` bits set, of `size` bytes. */
function netmask(length: number, size: number): Buffer {
  const bytes = Array.from({ length: size }, (_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, length - i * 8))))
  return Buffer.from(bytes)
}

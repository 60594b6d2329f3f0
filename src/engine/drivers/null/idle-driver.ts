/** Drivers that do nothing: a sandbox that keeps to itself, or that is the host itself, needs no link and no address. */
import type { NetworkDriver } from '../driver.ts'

const capabilities = { scope: 'local', addresses: false, single: true, gateway: false } as const

/** A driver whose endpoints have no interface, and whose sandboxes get no gateway from anywhere else. */
export function idleDriver(name: string): NetworkDriver {
  return {
    name,
    capabilities,
    networkOptions: new Set(),
    validateNetwork() {},
    async createNetwork() {},
    async deleteNetwork() {},
    async createEndpoint() {
      return {}
    },
    async deleteEndpoint() {},
    async join() {
      return {
        placed: 'none',
        interfaceName: '',
        gateway: null,
        gatewayIPv6: null,
        routes: [],
        disableGatewayService: true,
      }
    },
    async leave() {},
    async expose() {
      return []
    },
    async conceal() {},
    async inspect() {
      return {}
    },
    async restore() {},
    async obstacles() {
      return []
    },
    async close() {},
  }
}

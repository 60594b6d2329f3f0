/**
 * What one sandbox can look up: the names of the networks that it is in, and of no others. A name is looked for in each of
 * them, then, split at each of its dots, as a name followed by the name of a network.
 */
import { canonicalName } from './name.ts'
import type { NetworkNames, ServiceTarget } from './network-names.ts'

/** Names as one sandbox sees them. */
export class Zone {
  #networks: readonly NetworkNames[] = []
  #changes = 0

  /** The networks, those first whose names win. */
  get networks(): readonly NetworkNames[] {
    return this.#networks
  }

  set networks(networks: readonly NetworkNames[]) {
    this.#networks = networks
    this.#changes += 2 ** 32
  }

  /** Differs whenever an answer may have changed. */
  get version(): number {
    let version = this.#changes
    for (const network of this.#networks) version += network.version
    return version
  }

  /** Addresses of a canonical name, of both families; undefined when it is not known. */
  addresses(name: string): readonly string[] | undefined {
    return this.#find(name, (network, own) => network.addresses(own))
  }

  /** `name.network` of an address, canonical; undefined when it is not known. */
  nameOf(address: string): string | undefined {
    for (const network of this.#networks) {
      const name = network.nameOf(address)
      if (name !== undefined) return inNetwork(name, network)
    }
    return undefined
  }

  /**
   * Targets of `port.protocol.service`, which is cut at its first two dots. Undefined when there is no such service, or it
   * does not have that port.
   */
  targets(name: string): readonly ServiceTarget[] | undefined {
    const [port = '', protocol = '', ...rest] = name.split('.')
    if (rest.length === 0) return undefined
    return this.#find(rest.join('.'), (network, service) => {
      const targets = network.targets(service, protocol, port)
      return targets.length === 0 ? undefined : targets
    })
  }

  #find<T>(name: string, lookUp: (network: NetworkNames, name: string) => T | undefined): T | undefined {
    for (const network of this.#networks) {
      const found = lookUp(network, name)
      if (found !== undefined) return found
    }
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      const last = name.slice(dot + 1)
      for (const network of this.#networks) {
        if (network.domain !== last) continue
        const found = lookUp(network, name.slice(0, dot))
        if (found !== undefined) return found
      }
    }
    return undefined
  }
}

/** A name with its network's behind it; alone when the network's cannot be part of a domain name. */
function inNetwork(name: string, network: NetworkNames): string {
  return (network.domain === undefined ? undefined : canonicalName(`${name}.${network.domain}`)) ?? name
}

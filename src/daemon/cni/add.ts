/** ADD: a container gets an interface in a network. */
import type { Endpoint } from '../../engine/index.ts'
import { attach, dropSandbox, ensureNetwork, ensureSandbox, findEndpoint, openContainer } from './attachments.ts'
import type { CniContext } from './cni-context.ts'
import { CniCode, CniError } from './cni-error.ts'
import type { CniConfiguration } from './configuration.ts'
import { ContainerLinks } from './container-links.ts'
import type { CniSubject } from './invocation.ts'
import { type CniInterface, type CniResult, resultDocument } from './result.ts'

/** Carries out an ADD. @returns the result document @throws CniError, EngineError; nothing is left of it then */
export async function add(
  context: CniContext,
  subject: CniSubject,
  configuration: CniConfiguration,
): Promise<Record<string, unknown>> {
  const { controller } = context
  checkNamespace(context, subject)
  const network = await ensureNetwork(controller, configuration)
  const sandbox = await ensureSandbox(controller, subject)
  try {
    if (findEndpoint(network, subject) !== undefined) throw exists(subject)
    const endpoint = await attach(network, sandbox, subject, configuration)
    try {
      const result = await describe(context, endpoint, subject, configuration)
      return resultDocument(result, configuration.cniVersion, (name) => previousList(configuration, name))
    } catch (error) {
      await endpoint.delete({ force: true })
      throw error
    }
  } catch (error) {
    await dropSandbox(sandbox)
    throw error
  }
}

/** Things that the kernel would refuse only after half of the work, or not at all. */
function checkNamespace({ host }: CniContext, subject: CniSubject): void {
  const namespace = openContainer(subject.netns)
  try {
    if (namespace.identity.inode === host.identity.inode) {
      throw new CniError(CniCode.invalidEnvironment, 'CNI_NETNS is the namespace of the host itself')
    }
    const links = new ContainerLinks(namespace)
    try {
      if (links.find(subject.interfaceName) !== undefined) throw exists(subject)
    } finally {
      links.close()
    }
  } finally {
    namespace.close()
  }
}

function exists({ containerId, interfaceName }: CniSubject): CniError {
  return new CniError(
    CniCode.exists,
    `container ${containerId} has an interface ${interfaceName} already; DEL it first`,
  )
}

function previousList({ prevResult }: CniConfiguration, name: string): readonly unknown[] {
  const list = prevResult?.value(name)
  return Array.isArray(list) ? list : []
}

/** What was made; routes that only CNI knows of are set on the way. */
async function describe(
  { host }: CniContext,
  endpoint: Endpoint,
  subject: CniSubject,
  configuration: CniConfiguration,
): Promise<CniResult> {
  const { bridge, hostInterface } = await endpoint.driverInfo()
  const onHost = new ContainerLinks(host)
  const namespace = openContainer(subject.netns)
  const inside = new ContainerLinks(namespace)
  try {
    const link = inside.find(subject.interfaceName)
    if (link === undefined)
      throw new CniError(CniCode.refused, `the interface ${subject.interfaceName} was taken away meanwhile`)
    const { addresses, gateway, gatewayIPv6, macAddress } = endpoint.info()
    const gatewayOf = (text: string): string | null => (text.includes(':') ? gatewayIPv6 : gateway)
    const routes = configuration.routes.filter(({ dst }) => !isDefault(dst))
    inside.addRoutes(
      link,
      routes.flatMap(({ dst, gw }) => {
        const by = gw ?? gatewayOf(dst)
        return by === null ? [] : [{ dst, gw: by }]
      }),
    )
    const interfaces: CniInterface[] = [
      ...hostInterfaces(onHost, [bridge, hostInterface]),
      {
        name: subject.interfaceName,
        ...(macAddress === null ? {} : { mac: macAddress }),
        ...(link.mtu === undefined ? {} : { mtu: link.mtu }),
        sandbox: subject.netns,
      },
    ]
    return {
      interfaces,
      ips: addresses.map((address) => {
        const by = gatewayOf(address)
        return { interface: interfaces.length - 1, address, ...(by === null ? {} : { gateway: by }) }
      }),
      routes: [...defaultRoutes(gateway, gatewayIPv6), ...routes],
      dns: configuration.dns,
    }
  } finally {
    inside.close()
    namespace.close()
    onHost.close()
  }
}

function hostInterfaces(links: ContainerLinks, names: readonly unknown[]): CniInterface[] {
  return names.flatMap((name) => {
    if (typeof name !== 'string') return []
    const { address } = links.find(name) ?? {}
    return [address === undefined ? { name } : { name, mac: address }]
  })
}

function defaultRoutes(gateway: string | null, gatewayIPv6: string | null) {
  return [
    ...(gateway === null ? [] : [{ dst: '0.0.0.0/0', gw: gateway }]),
    ...(gatewayIPv6 === null ? [] : [{ dst: '::/0', gw: gatewayIPv6 }]),
  ]
}

function isDefault(destination: string): boolean {
  return destination === '0.0.0.0/0' || destination === '::/0'
}

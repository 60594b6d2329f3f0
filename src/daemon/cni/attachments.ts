/** The networks, sandboxes and endpoints that stand behind CNI's containers and interfaces. */
import { type Controller, type Endpoint, isEngineError, type Network, type Sandbox } from '../../engine/index.ts'
import { hasCode, Namespace } from '../../kernel/index.ts'
import { CniCode, CniError } from './cni-error.ts'
import type { CniAttachment, CniConfiguration } from './configuration.ts'
import type { CniSubject } from './invocation.ts'

/** Label of what CNI calls made; its value is the settings of a network, the attachment of an endpoint. */
const LABEL = 'netwright.cni'
/** libnetwork's option for the name of an endpoint's interface. */
const INTERFACE_NAME = 'com.docker.network.endpoint.ifname'
/** The runtime keeps sockets on the ports that it publishes (Podman's conmon, CRI-O). */
const HOLD_PORTS = 'netwright.ports.hold'

/** The network of a configuration; undefined when it was not made yet. */
export function findNetwork(controller: Controller, name: string): Network | undefined {
  return controller.networks().find((network) => network.name === name)
}

/**
 * The network of a configuration, made when it is missing. One whose settings have changed is made anew, unless it is in use.
 * @throws CniError 7
 */
export async function ensureNetwork(controller: Controller, configuration: CniConfiguration): Promise<Network> {
  const present = findNetwork(controller, configuration.name)
  if (configuration.pools.length === 0) {
    if (present !== undefined) return present
    throw invalid(`there is no network ${configuration.name}, and without ipam none can be made`)
  }
  const settings = settingsOf(configuration)
  if (present !== undefined) {
    const made = present.info().labels[LABEL]
    if (made === settings) return present
    if (made === undefined) throw invalid(`network ${configuration.name} exists already: leave ipam out to join it`)
    if (present.endpoints().length > 0) {
      throw invalid(`the configuration of network ${configuration.name} has changed, but containers are in it still`)
    }
    await present.delete()
  }
  return controller.createNetwork({
    name: configuration.name,
    driver: 'bridge',
    internal: configuration.internal,
    ipam: configuration.pools,
    options: optionsOf(configuration),
    labels: { [LABEL]: settings },
  })
}

/** What a network is made of, as text: two configurations with the same are the same network. */
function settingsOf({ internal, pools, bridge, mtu, masquerade }: CniConfiguration): string {
  return JSON.stringify({ internal, pools, bridge, mtu, masquerade })
}

function optionsOf({ bridge, mtu, masquerade }: CniConfiguration): Record<string, string> {
  return {
    'com.docker.network.bridge.enable_ip_masquerade': String(masquerade),
    ...(bridge === undefined ? {} : { 'com.docker.network.bridge.name': bridge }),
    ...(mtu === undefined ? {} : { 'com.docker.network.driver.mtu': String(mtu) }),
  }
}

/** The endpoint of a container's interface in a network; undefined when there is none. */
export function findEndpoint(network: Network, attachment: CniAttachment): Endpoint | undefined {
  const name = endpointName(attachment)
  return network.endpoints().find((endpoint) => endpoint.name === name)
}

/** Neither part can hold a colon. */
function endpointName({ containerId, interfaceName }: CniAttachment): string {
  return `${containerId}:${interfaceName}`
}

/** Endpoints of a network that CNI calls made, with their attachments. */
export function attachmentsOf(network: Network): { readonly endpoint: Endpoint; readonly name: string }[] {
  return network.endpoints().flatMap((endpoint) => {
    const name = endpoint.record().labels[LABEL]
    return name === undefined ? [] : [{ endpoint, name }]
  })
}

/** The attachments that a runtime wants to keep, as `attachmentsOf` names them. */
export function attachmentNames(attachments: readonly CniAttachment[]): Set<string> {
  return new Set(attachments.map(endpointName))
}

/**
 * The sandbox of a container, made when it is missing. One whose namespace was replaced belongs to a container that is gone.
 * @throws CniError 3 when there is no namespace at the path
 */
export async function ensureSandbox(controller: Controller, subject: CniSubject): Promise<Sandbox> {
  const inode = inodeAt(subject.netns)
  const present = findSandbox(controller, subject.containerId)
  if (present?.info().inode === inode) return present
  await present?.delete()
  return controller.createSandbox({
    path: subject.netns,
    containerId: subject.containerId,
    labels: { [LABEL]: subject.netns },
  })
}

/** The sandbox of a container; undefined when it has none. */
export function findSandbox(controller: Controller, containerId: string): Sandbox | undefined {
  return controller.sandboxes().find((sandbox) => sandbox.containerId === containerId)
}

/** Makes the endpoint of a container's interface and joins it; nothing of it is left when that fails. */
export async function attach(
  network: Network,
  sandbox: Sandbox,
  subject: CniSubject,
  configuration: CniConfiguration,
): Promise<Endpoint> {
  const macAddress = subject.args.get('MAC') ?? configuration.macAddress
  const name = endpointName(subject)
  const endpoint = await network.createEndpoint({
    name,
    options: { [INTERFACE_NAME]: subject.interfaceName, [HOLD_PORTS]: 'false' },
    labels: { [LABEL]: name },
    portMappings: configuration.portMappings,
    addresses: wantedAddresses(subject, configuration),
    ...(macAddress === undefined ? {} : { macAddress }),
  })
  try {
    await endpoint.join(sandbox)
    return endpoint
  } catch (error) {
    await endpoint.delete({ force: true })
    throw error
  }
}

function wantedAddresses(subject: CniSubject, configuration: CniConfiguration): string[] {
  const named = subject.args.get('IP')
  return named === undefined ? [...configuration.addresses] : named.split(',')
}

/** Deletes an endpoint, and its sandbox when CNI made that and nothing else is in it. What is gone already is as wanted. */
export async function detach(endpoint: Endpoint): Promise<void> {
  try {
    const sandbox = endpoint.info().sandbox
    await endpoint.delete({ force: true })
    if (sandbox !== null) await dropSandbox(sandbox)
  } catch (error) {
    if (!isEngineError(error, 'endpoint-unknown', 'sandbox-unknown')) throw error
  }
}

/** Deletes a sandbox that CNI made when nothing is in it. */
export async function dropSandbox(sandbox: Sandbox): Promise<void> {
  if (sandbox.info().labels[LABEL] === undefined || sandbox.endpoints().length > 0) return
  try {
    await sandbox.delete()
  } catch (error) {
    if (!isEngineError(error, 'sandbox-unknown')) throw error
  }
}

/** Opens a container's namespace. @throws CniError 3 */
export function openContainer(netns: string): Namespace {
  try {
    return Namespace.open({ path: netns })
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EINVAL', 'ENOTDIR', 'EACCES', 'ENXIO')) throw error
    throw new CniError(CniCode.unknownContainer, `${netns} is no network namespace`, (error as Error).message)
  }
}

function inodeAt(netns: string): string {
  const namespace = openContainer(netns)
  try {
    return namespace.identity.inode
  } finally {
    namespace.close()
  }
}

function invalid(message: string): CniError {
  return new CniError(CniCode.invalidConfiguration, message)
}

/** CHECK: is an interface still as ADD left it? */

import type { EndpointInfo } from '../../engine/index.ts'
import type { NamespaceHandle } from '../../kernel/index.ts'
import { findEndpoint, findNetwork, openContainer } from './attachments.ts'
import type { CniContext } from './cni-context.ts'
import { CniCode, CniError } from './cni-error.ts'
import type { CniConfiguration } from './configuration.ts'
import { ContainerLinks, isUp } from './container-links.ts'
import type { CniSubject } from './invocation.ts'
import type { JsonFields } from './json-fields.ts'

/** Carries out a CHECK. @throws CniError 101 telling what is not as it was, 7 without prevResult */
export async function check(
  { controller, host }: CniContext,
  subject: CniSubject,
  configuration: CniConfiguration,
): Promise<void> {
  const { name, prevResult } = configuration
  if (prevResult === undefined) throw new CniError(CniCode.invalidConfiguration, 'CHECK needs the prevResult of ADD')
  const network = findNetwork(controller, name)
  const endpoint = network === undefined ? undefined : findEndpoint(network, subject)
  if (endpoint === undefined) throw changed(`${subject.containerId} has no ${subject.interfaceName} in network ${name}`)
  const info = endpoint.info()
  for (const address of promisedAddresses(prevResult, subject)) {
    if (!info.addresses.includes(address)) throw changed(`${address} of prevResult was not given by network ${name}`)
  }
  const { hostInterface } = await endpoint.driverInfo()
  checkHostEnd(host, hostInterface)
  checkInside(subject, info)
}

/** Addresses that prevResult has on our interface. */
function promisedAddresses(prevResult: JsonFields, subject: CniSubject): string[] {
  const own = prevResult
    .objects('interfaces')
    .findIndex((one) => one.text('name') === subject.interfaceName && (one.text('sandbox') ?? '') !== '')
  return prevResult.objects('ips').flatMap((ip) => {
    const owner = ip.integer('interface', 0, Number.MAX_SAFE_INTEGER)
    return owner === own ? [ip.text('address') ?? ''] : []
  })
}

function checkHostEnd(host: NamespaceHandle, name: unknown): void {
  const links = new ContainerLinks(host)
  try {
    const link = typeof name === 'string' ? links.find(name) : undefined
    if (link === undefined) throw changed('the host end of the interface is gone')
    if (!isUp(link)) throw changed(`the host end ${name} is down`)
    if (link.master === undefined) throw changed(`the host end ${name} is not on its bridge`)
  } finally {
    links.close()
  }
}

function checkInside({ netns, interfaceName }: CniSubject, info: EndpointInfo): void {
  const namespace = openContainer(netns)
  const links = new ContainerLinks(namespace)
  try {
    const link = links.find(interfaceName)
    if (link === undefined) throw changed(`the interface ${interfaceName} is gone`)
    if (!isUp(link)) throw changed(`the interface ${interfaceName} is down`)
    if (info.macAddress !== null && link.address !== info.macAddress) {
      throw changed(`the interface ${interfaceName} has the MAC address ${link.address}, not ${info.macAddress}`)
    }
    const present = links.addressesOf(link)
    for (const address of info.addresses) {
      if (!present.includes(address)) throw changed(`the interface ${interfaceName} has lost its address ${address}`)
    }
    for (const family of [4, 6] as const) {
      const gateway = family === 4 ? info.gateway : info.gatewayIPv6
      // Another network may have become the container's way out; none at all is wrong.
      if (gateway !== null && !links.hasDefaultRoute(family)) throw changed(`the default route by ${gateway} is gone`)
    }
  } finally {
    links.close()
    namespace.close()
  }
}

function changed(what: string): CniError {
  return new CniError(CniCode.changed, what)
}

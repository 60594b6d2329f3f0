/** Settings of the host that containers' traffic depends on, and what is said when they are changed. */
import { interfaceSysctl, type NamespaceHandle, readInterfaceSysctls } from '../../../kernel/index.ts'
import type { NetworkRecord } from '../../model.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { writeSetting } from './kernel-outcome.ts'
import { poolOf } from './pools.ts'

/**
 * Switches forwarding on where the network needs it. The filter's FORWARD policy is left alone, unlike Docker does: it is
 * the host's owner who says what else the host forwards; so what was switched on is told.
 * @returns sentences for the host's owner
 */
export function enableForwarding(
  namespace: NamespaceHandle,
  network: NetworkRecord,
  { bridgeName, gatewayModes }: BridgeSettings,
): string[] {
  if (network.internal) return []
  const notices: string[] = []
  if (poolOf(network, 4) !== undefined) {
    if (writeSetting(namespace, 'net.ipv4.ip_forward', 1)) notices.push(switchedOn('IPv4', 'net.ipv4.ip_forward'))
    // Without this the kernel sends nothing that comes from 127.0.0.0/8 to a container, whatever is done to its source.
    if (gatewayModes[4].startsWith('nat')) {
      writeSetting(namespace, interfaceSysctl('ipv4', bridgeName, 'route_localnet'), 1)
    }
  }
  if (poolOf(network, 6) !== undefined) notices.push(...enableIPv6(namespace))
  return notices
}

function enableIPv6(namespace: NamespaceHandle): string[] {
  const key = 'net.ipv6.conf.all.forwarding'
  writeSetting(namespace, 'net.ipv6.conf.default.forwarding', 1)
  if (!writeSetting(namespace, key, 1)) return []
  // A host that forwards ignores router advertisements unless accept_ra is 2 (ip-sysctl.rst).
  const deaf = [...readInterfaceSysctls(namespace, 'ipv6', ['accept_ra', 'disable_ipv6'])]
    .filter(
      ([name, values]) => name !== 'all' && name !== 'default' && name !== 'lo' && values.get('accept_ra') === '1',
    )
    .map(([name]) => name)
  const consequence =
    deaf.length === 0
      ? ''
      : `; router advertisements are no longer heeded on ${deaf.join(', ')} unless accept_ra is set to 2 there`
  return [switchedOn('IPv6', key) + consequence]
}

function switchedOn(family: string, key: string): string {
  return `${family} forwarding was switched on (${key}=1): the host now forwards whatever its filter lets through`
}

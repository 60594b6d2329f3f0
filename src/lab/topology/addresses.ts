/** Addresses and names in lab files. */
import { isIPv4, isIPv6 } from 'node:net'

/** True for an address with a prefix length: `10.0.0.1/24`, `fd00::1/64`. */
export function isInterfaceAddress(text: string): boolean {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  return (
    (isIPv4(address) && Number(length) <= 32) || (isIPv6(address) && !address.includes('%') && Number(length) <= 128)
  )
}

/** True for an address alone. */
export function isAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

/** True for a unicast MAC address. */
export function isMac(text: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) && (Number.parseInt(text.slice(0, 2), 16) & 1) === 0
}

/** True for what the kernel takes as an interface's name (dev_valid_name, net/core/dev.c). */
export function isInterfaceName(text: string): boolean {
  return text.length > 0 && text.length <= 15 && text !== '.' && text !== '..' && /^[^\s/:\p{Cc}]+$/u.test(text)
}

/** True for what can be the name of a node: it becomes part of host names, containers and paths. */
export function isNodeName(text: string): boolean {
  return text.length <= 60 && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text)
}

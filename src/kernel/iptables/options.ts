/** Building blocks of extension decoders. */
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import type { IptablesFamily, IptablesOption } from './rule.ts'

/** Reads the data of one revision of an extension, which is at least `size` bytes long. */
export interface ExtensionDecoder {
  readonly size: number
  readonly decode: (data: Buffer, family: IptablesFamily) => IptablesOption[]
}

/** Decoders by `name/revision`; where the two families have different extensions of one name, by `family:name/revision`. */
export type ExtensionDecoders = ReadonlyMap<string, ExtensionDecoder>

/** An option with its values. */
export function option(name: string, values: readonly string[] = [], inverted = false): IptablesOption {
  return { name, values, inverted }
}

/** The option when `present`, else nothing: for spreading into a list. */
export function optionIf(
  present: boolean,
  name: string,
  values?: () => readonly string[],
  inverted = false,
): IptablesOption[] {
  return present ? [option(name, values?.() ?? [], inverted)] : []
}

/** `80` or `80:90`. */
export function portRange(low: number, high: number, separator = ':'): string {
  return low === high ? String(low) : `${low}${separator}${high}`
}

/** Names of the bits that are set, in the order of the list, with commas. */
export function bitNames(bits: number, names: readonly (readonly [bit: number, name: string])[]): string {
  return names
    .filter(([bit]) => (bits & bit) !== 0)
    .map(([, name]) => name)
    .join(',')
}

/** `0x1` or, when not all bits count, `0x1/0xff`. */
export function markText(mark: number, mask: number): string {
  return mask === 0xffffffff ? hex(mark) : `${hex(mark)}/${hex(mask)}`
}

/** `0x1f` */
export function hex(value: number): string {
  return `0x${value.toString(16)}`
}

/** An address of union nf_inet_addr, which has 16 bytes in either family. */
export function inetAddress(data: Buffer, offset: number, family: IptablesFamily): string {
  return family === 'ip' ? formatIPv4(data, offset) : formatIPv6(data, offset)
}

/** Who objects to a packet, in words. */
import { type IcmpObjection, reasonText } from '../../../probe/index.ts'

/** `10.0.0.1 says host unreachable`, with the MTU where that is what is wrong. */
export function objectionText({ from, reason, mtu }: IcmpObjection): string {
  return `${from} says ${reasonText(reason)}${mtu === null ? '' : ` (MTU ${mtu})`}`
}

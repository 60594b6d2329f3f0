/** What a packet looks like to routing rules and routes. */
import type { Family, RouteQuestion } from '../place.ts'
import { addressBits, familyOfAddress, isUnspecified } from './address-bits.ts'
import { type FibView, isVrf, LOOPBACK_INDEX, vrfOf } from './fib-view.ts'

/** A packet to be routed (struct flowi). */
export interface RouteFlow {
  readonly family: Family
  readonly destination: bigint
  /** 0 when it is not chosen yet. */
  readonly source: bigint
  readonly sourceChosen: boolean
  /** The loopback for packets made here. */
  readonly input: number
  /** 0 when nothing binds the packet. */
  readonly output: number
  /** Index of the VRF that the packet belongs to; 0 for none. */
  readonly vrf: number
  readonly mark: number
  readonly protocol: number
  readonly sourcePort: number
  readonly destinationPort: number
}

const UDP = 17

/** The flow of a question. Where nothing is said, it is what the kernel takes for RTM_GETROUTE. */
export function routeFlow(view: FibView, question: RouteQuestion): RouteFlow {
  const { destination, source, inputInterface, outputInterface = 0, mark = 0 } = question
  const family = familyOfAddress(destination)
  const chosen = source !== undefined && !isUnspecified(source)
  const bound = view.link(outputInterface)
  // A packet that is bound to a VRF is routed by its table, through whichever interface that says (l3mdev_update_flow).
  const output = bound !== undefined && isVrf(bound) ? 0 : outputInterface
  return {
    family,
    destination: addressBits(destination),
    source: chosen ? addressBits(source) : 0n,
    sourceChosen: chosen,
    input: inputInterface ?? LOOPBACK_INDEX,
    output,
    vrf: vrfOf(view, outputInterface !== 0 ? outputInterface : (inputInterface ?? 0)),
    mark,
    protocol: question.protocol ?? (family === 'ipv4' ? UDP : 0),
    sourcePort: question.sourcePort ?? 0,
    destinationPort: question.destinationPort ?? 0,
  }
}

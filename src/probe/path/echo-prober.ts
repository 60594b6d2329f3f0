/** Echo requests along a path. */
import { EchoSocket } from '../ping/echo-socket.ts'
import { bareAddress, familyOfAddress } from '../wire/address.ts'
import { objectionOf } from '../wire/icmp-listener.ts'
import type { HopProber, HopProberInit } from './hop-prober.ts'

/** Bytes before the payload: the IP header and that of ICMP. */
const OVERHEAD = { ipv4: 28, ipv6: 48 } as const

/** @throws KernelError EPERM without CAP_NET_RAW */
export function openEchoProber({ namespace, address, heard }: HopProberInit): HopProber {
  const family = familyOfAddress(address)
  const destination = bareAddress(address)
  const socket = new EchoSocket({
    namespace,
    family,
    listener: {
      answered({ from, sequence, microseconds }) {
        heard({ number: sequence, from, arrival: 'echo', objection: null, microseconds })
      },
      failed({ from, to, sequence, error, microseconds }) {
        if (to !== destination) return
        heard({ number: sequence, from, arrival: undefined, objection: objectionOf(from, error), microseconds })
      },
    },
  })
  return {
    numbers: 0x1_0000,
    send(hops, number, size, dontFragment) {
      return socket.send(address, {
        sequence: number,
        size: Math.max(4, size - OVERHEAD[family]),
        mark: 0,
        hops,
        dontFragment,
      })
    },
    close: () => socket.close(),
  }
}

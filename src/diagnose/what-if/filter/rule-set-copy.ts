/**
 * A copy of a namespace's rule set in a namespace of our own, where changes can be tried with nft's own library and the kernel's
 * own checks. It vanishes with its last descriptor, however this program ends.
 */
import {
  type Address,
  copyNfTables,
  type Link,
  LinkFlag,
  Namespace,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  Nftables,
  NftablesError,
  newAddressRequest,
  newLinkRequest,
  ownAddress,
  readNfTables,
} from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { WhatIfError } from '../what-if-error.ts'
import { type HandlePair, pairHandles } from './handles.ts'

/** Interfaces that the copy is given; rules that name others cannot be tried. */
const MOST_LINKS = 1000
/** Kinds that stand for any interface: rules know it by its number and name alone. */
const STAND_INS = ['dummy', 'bridge', 'ifb'] as const

/** A copy. Close it. */
export class RuleSetCopy {
  readonly namespace: Namespace
  /** Which rule of the copy is which of the original: both lists are in the same order. */
  readonly handles: readonly HandlePair[]

  private constructor(namespace: Namespace, handles: readonly HandlePair[]) {
    this.namespace = namespace
    this.handles = handles
  }

  /** Copies. @throws WhatIfError when the kernel does not take a part of it */
  static of(place: Place): RuleSetCopy {
    const namespace = Namespace.create('the copy of a rule set')
    try {
      standIn(place, namespace)
      copyNfTables(place.namespace, namespace)
      return new RuleSetCopy(namespace, pairHandles(readNfTables(place.namespace), readNfTables(namespace)))
    } catch (error) {
      namespace.close()
      if (error instanceof NetlinkError) {
        throw new WhatIfError(`the rule set of ${place.label} cannot be copied: ${error.message}`)
      }
      throw error
    }
  }

  /** Carries out lines of nft(8) in the copy, as one transaction. @throws WhatIfError with nft's own words */
  run(lines: readonly string[]): void {
    using nftables = Nftables.open(this.namespace)
    try {
      nftables.runText(lines.join('\n'))
    } catch (error) {
      if (error instanceof NftablesError) throw new WhatIfError(`nft: ${firstLine(error.message)}`)
      throw error
    }
  }

  close(): void {
    this.namespace.close()
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}

/** Gives the copy interfaces with the numbers, names and addresses of the original: rules are compiled against them. */
function standIn(place: Place, namespace: Namespace): void {
  const links = place.links.filter(({ flags }) => (flags & LinkFlag.loopback) === 0).slice(0, MOST_LINKS)
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    const missing = STAND_INS.reduce<readonly Link[]>((left, kind) => {
      const outcomes = socket.batch(
        left.map(({ index, name }) =>
          newLinkRequest({ index, info: { kind }, ...(name === undefined ? {} : { name }) }),
        ),
      )
      return left.filter((_, i) => outcomes[i]?.ok !== true)
    }, links)
    const there = new Set(links.filter((link) => !missing.includes(link)).map(({ index }) => index))
    socket.batch(place.addresses.filter(({ index }) => there.has(index)).flatMap((address) => addressRequest(address)))
  } finally {
    socket.close()
  }
}

function addressRequest(address: Address): ReturnType<typeof newAddressRequest>[] {
  const own = ownAddress(address)
  return own === undefined
    ? []
    : [newAddressRequest({ index: address.index, prefix: `${own}/${address.prefixLength}`, scope: address.scope })]
}

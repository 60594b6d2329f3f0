/** Looking keys up in a set, as the kernel's kinds of sets do. */
import type { NfElement, NfSet } from '../../../kernel/index.ts'

/** A set that can be asked. */
export interface ElementIndex {
  /** Bytes of a key. */
  readonly keyLength: number
  /** The element that stands for a key. */
  find(key: Buffer): NfElement | undefined
}

type Finder = (key: Buffer) => NfElement | undefined

/** Makes a set ready to be asked. */
export function elementIndex(set: NfSet): ElementIndex {
  const other = set.elements.find(({ key }) => key === undefined)
  const keyed = set.elements.filter((element): element is KeyedElement => element.key !== undefined)
  const find = finder(set, keyed)
  return { keyLength: set.keyLength, find: (key) => find(key) ?? other }
}

type KeyedElement = NfElement & { readonly key: Buffer }

function finder(set: NfSet, elements: readonly KeyedElement[]): Finder {
  if (elements.some(({ keyEnd }) => keyEnd !== undefined)) return amongRanges(set, elements)
  return set.interval ? amongIntervals(elements) : amongKeys(elements)
}

function amongKeys(elements: readonly KeyedElement[]): Finder {
  const byKey = new Map(elements.map((element) => [element.key.toString('latin1'), element]))
  return (key) => byKey.get(key.toString('latin1'))
}

/** Each element begins or ends an interval; the last one that is not behind the key says which (nft_set_rbtree.c). */
function amongIntervals(elements: readonly KeyedElement[]): Finder {
  const edges = [...elements].sort(
    (a, b) => Buffer.compare(a.key, b.key) || Number(b.intervalEnd) - Number(a.intervalEnd),
  )
  return (key) => {
    let [low, high] = [0, edges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(edges[middle]!.key, key) <= 0) low = middle + 1
      else high = middle
    }
    const edge = edges[low - 1]
    return edge === undefined || edge.intervalEnd ? undefined : edge
  }
}

const WORD = 4

/** Concatenations of ranges: every field must lie within its own (nft_set_pipapo.c). */
function amongRanges({ fields, keyLength }: NfSet, elements: readonly KeyedElement[]): Finder {
  const lengths = fields.length === 0 ? [keyLength] : fields
  return (key) =>
    elements.find((element) => {
      const last = element.keyEnd ?? element.key
      let at = 0
      return lengths.every((length) => {
        const inside = within(key, element.key, last, at, at + length)
        at += (length + WORD - 1) & ~(WORD - 1)
        return inside
      })
    })
}

function within(key: Buffer, first: Buffer, last: Buffer, start: number, end: number): boolean {
  const part = key.subarray(start, end)
  return Buffer.compare(part, first.subarray(start, end)) >= 0 && Buffer.compare(part, last.subarray(start, end)) <= 0
}

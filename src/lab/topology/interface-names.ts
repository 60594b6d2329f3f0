/** Names for the interfaces of shapes: the next free eth of each node. */
import { NEXT_INTERFACE } from './shapes.ts'
import type { LabLink, LinkEnd } from './topology.ts'

/** Gives every end that has no name yet the next free `ethN` of its node, in the order of the links. */
export function nameInterfaces(links: readonly LabLink[]): readonly LabLink[] {
  const taken = new Map<string, Set<string>>()
  const next = new Map<string, number>()
  const namesAt = (node: string): Set<string> => {
    const names = taken.get(node) ?? new Set()
    taken.set(node, names)
    return names
  }
  for (const link of links) {
    for (const end of 'ends' in link ? link.ends : [link.end]) namesAt(end.node ?? '').add(end.interface)
  }
  const named = (end: LinkEnd): LinkEnd => {
    if (end.interface !== NEXT_INTERFACE) return end
    const node = end.node ?? ''
    let number = next.get(node) ?? 1
    while (namesAt(node).has(`eth${number}`)) number++
    next.set(node, number + 1)
    return { ...end, interface: `eth${number}` }
  }
  return links.map((link) =>
    link.kind === 'veth' ? { ...link, ends: [named(link.ends[0]), named(link.ends[1])] } : link,
  )
}

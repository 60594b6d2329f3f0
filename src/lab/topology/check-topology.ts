/** What can only be seen once the whole file is read: names that lead nowhere, interfaces used twice, nodes that wait in a circle. */
import { STAGES } from './read-stages.ts'
import type { LabLink, LinkEnd, Position, Stage, Topology } from './topology.ts'

/** Takes note of a mistake. */
export type Note = (position: Position, sentence: string) => void

/** Checks a topology as a whole. */
export function checkTopology(topology: Topology, note: Note): void {
  checkEnds(topology, note)
  checkAddresses(topology, note)
  checkWaiting(topology, note)
  checkSharedNetworks(topology, note)
}

const endsOf = (link: LabLink): readonly LinkEnd[] => ('ends' in link ? link.ends : [link.end])

function checkEnds({ nodes, links }: Topology, note: Note): void {
  const names = new Set(nodes.map((node) => node.name))
  const taken = new Set<string>()
  for (const link of links) {
    for (const { node, interface: name } of endsOf(link)) {
      if (node === undefined || !names.has(node)) note(link.position, `there is no node ${node}`)
      const end = `${node}:${name}`
      if (taken.has(end)) note(link.position, `${end} ends two links`)
      taken.add(end)
    }
    if (
      link.kind === 'veth' &&
      link.ends[0].node === link.ends[1].node &&
      link.ends[0].interface === link.ends[1].interface
    ) {
      note(link.position, 'a link has two different ends')
    }
  }
}

/** Addresses for an interface that no link makes are never given to anybody. */
function checkAddresses({ nodes, links }: Topology, note: Note): void {
  const made = new Set(links.flatMap(endsOf).map((end) => `${end.node}:${end.interface}`))
  for (const node of nodes) {
    for (const name of Object.keys(node.addresses)) {
      if (name === 'lo' || made.has(`${node.name}:${name}`) || node.kind === 'host' || node.kind === 'bridge') continue
      if (node.kind === 'docker' && name === 'eth0') continue
      note(node.position, `${node.name} has addresses for ${name}, which no link ends at`)
    }
  }
}

function checkWaiting({ nodes }: Topology, note: Note): void {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const key = (node: string, stage: Stage): string => `${node}/${stage}`
  const waits = new Map<string, readonly string[]>()
  for (const node of nodes) {
    STAGES.forEach((stage, index) => {
      const asked = node.stages[stage]?.waitFor ?? []
      for (const { node: other } of asked) {
        if (!byName.has(other)) note(node.position, `${node.name} waits for ${other}, which is no node`)
      }
      // A stage comes after the one before it, and after what it waits for.
      const before = index === 0 ? [] : [key(node.name, STAGES[index - 1]!)]
      waits.set(key(node.name, stage), [...before, ...asked.map((other) => key(other.node, other.stage))])
    })
  }
  const circle = findCircle(waits)
  if (circle === undefined) return
  const [first = ''] = circle
  const node = byName.get(first.slice(0, first.lastIndexOf('/')))
  note(node?.position ?? { line: 1, column: 1 }, `nodes wait for each other in a circle: ${circle.join(' after ')}`)
}

/** A circle in “comes after”, without recursion: chains of waiting may be as long as the lab. */
function findCircle(waits: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of waits.keys()) {
    const path: { readonly at: string; next: number }[] = [{ at: start, next: 0 }]
    const onPath = new Set([start])
    while (path.length > 0) {
      const top = path.at(-1)!
      const after = done.has(top.at) ? undefined : waits.get(top.at)?.[top.next++]
      if (after === undefined) {
        done.add(top.at)
        onPath.delete(top.at)
        path.pop()
      } else if (onPath.has(after)) {
        const from = path.findIndex(({ at }) => at === after)
        return [...path.slice(from).map(({ at }) => at), after]
      } else if (!done.has(after)) {
        path.push({ at: after, next: 0 })
        onPath.add(after)
      }
    }
  }
  return undefined
}

function checkSharedNetworks({ nodes }: Topology, note: Note): void {
  const names = new Set(nodes.map((node) => node.name))
  for (const { name, networkMode, position } of nodes) {
    const other = networkMode?.startsWith('container:') === true ? networkMode.slice('container:'.length) : undefined
    if (other === undefined) continue
    if (other === name) note(position, `${name} cannot share its own network`)
    else if (!names.has(other)) note(position, `${name} shares the network of ${other}, which is no node`)
  }
}

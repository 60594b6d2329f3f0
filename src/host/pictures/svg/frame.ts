/** A frame: a namespace that others hang on, with its interfaces, its buses and what hangs on them. */
import type { InterfaceNode, NamespaceNode } from '../../graph.ts'
import { farEndOf, stackedOn } from '../graph-index.ts'
import { interfaceMarks, type Mark, namespaceMarks } from '../marks.ts'
import { sortedNaturally } from '../natural-order.ts'
import { networkCell, shownAddresses } from '../outline/words.ts'
import { titleParts } from '../titles.ts'
import { type Block, Size, stack, wrap } from './block.ts'
import { makeBus } from './bus.ts'
import type { Hanging } from './bus-port.ts'
import { makeCard } from './card.ts'
import { describe, interfaceContent, namespaceContent, referenceContent } from './contents.ts'
import { element, label } from './element.ts'
import { textWidth } from './measure.ts'
import { type Scene, shownInterfaces } from './scene.ts'
import { makeTunnelStrip } from './tunnel-strip.ts'

/** Width within a frame. */
const INNER = Size.page - 2 * Size.margin - 2 * Size.padding
const HEADER = 44

/** The frame of a namespace. */
export function makeFrame(scene: Scene, node: NamespaceNode): Block {
  const body = stack(frameBlocks(scene, node), 26)
  const { name, knownTo } = titleParts(node)
  const isOverlay = node.role === 'overlay'
  const aside = node.role === 'host' ? scene.index.graph.host : knownTo
  const marks = namespaceMarks(node).map((mark) => mark.words)
  const width = INNER + 2 * Size.padding
  const height = HEADER + body.height + Size.padding
  return {
    width,
    height,
    draw(x, y) {
      const facts = [`namespace ${node.inode}`, ...node.names.map((entry) => `netns ${entry}`), ...marks].join(' · ')
      return element(
        'g',
        { role: 'group', 'aria-label': scene.titles.get(node.inode)! },
        element('rect', { x, y, width, height, rx: 8, class: isOverlay ? 'overlay-frame' : 'frame' }) +
          label(x + Size.padding, y + 28, name, { class: 'ink', size: 17, face: 'bold', width: width / 3 }) +
          label(asideX(x, name, width), y + 28, aside, { class: 'muted', size: 14, width: width / 4 }) +
          label(x + width - Size.padding, y + 28, facts, {
            class: 'muted',
            size: 11.5,
            anchor: 'end',
            width: width / 3,
          }) +
          body.draw(x + Size.padding, y + HEADER),
      )
    },
  }
}

function asideX(x: number, name: string, width: number): number {
  return x + Size.padding + Math.min(textWidth(name, 17, 'bold'), width / 3) + 10
}

/** From top to bottom: interfaces on their own, buses, what hangs without a bridge, tunnels. */
function frameBlocks(scene: Scene, node: NamespaceNode): Block[] {
  const own = shownInterfaces(scene.index, node.inode)
  const bearers = own.filter((each) => each.kind === 'bridge' || (scene.index.ports.get(each.id)?.length ?? 0) > 0)
  const inBus = (each: InterfaceNode) => each.master !== null && bearers.some((bearer) => bearer.id === each.master)
  const loose = own.filter((each) => !bearers.includes(each) && !inBus(each))
  const wired = loose.filter((each) => hangsByWire(scene, each))
  const hanging = [
    ...wired.map((each) => portHanging(scene, each)),
    ...own.flatMap((each) => stackedHanging(scene, each)),
  ]
  const tunnels = loose.filter((each) => each.kind === 'vxlan')
  const cards = loose.filter((each) => !wired.includes(each) && each.kind !== 'vxlan')
  return [
    ...(cards.length === 0
      ? []
      : [
          wrap(
            cards.map((each) => makeCard(interfaceContent(scene, each))),
            INNER,
            Size.gap,
          ),
        ]),
    ...bearers.filter((each) => !inBus(each) || each.kind === 'bridge').map((each) => bridgeBus(scene, node, each)),
    ...(hanging.length === 0 ? [] : [looseBus(hanging)]),
    ...tunnels.map((each) => makeTunnelStrip(scene, each, INNER)),
  ]
}

function bridgeBus(scene: Scene, node: NamespaceNode, bridge: InterfaceNode): Block {
  const ports = scene.index.ports.get(bridge.id) ?? []
  const vxlans = ports.filter((port) => port.kind === 'vxlan')
  const others = ports.filter((port) => port.kind !== 'vxlan')
  const marks = interfaceMarks(scene.index, bridge)
  const networks = networkCell(scene.index, bridge).map((part) => part.text)
  const isOverlay = node.role === 'overlay'
  return makeBus(
    {
      name: bridge.name,
      aside: [bridge.kind, ...networks, ...(ports.length === 0 ? ['no ports'] : []), ...wordsOf(marks, 'odd')].join(
        ' · ',
      ),
      addresses: shownAddresses(bridge, false),
      trouble: wordsOf(marks, 'broken').join(', '),
      description: describe(scene, bridge),
      look: isOverlay ? 'overlay' : 'bridge',
      hanging: sortedNaturally(others, (port) => portOrder(scene, port)).map((port) => portHanging(scene, port)),
      strips: vxlans.map((vxlan) => makeTunnelStrip(scene, vxlan, INNER - 18)),
    },
    INNER,
  )
}

/** Ports by what is behind them; those that lead to no other namespace last. */
function portOrder(scene: Scene, port: InterfaceNode): string {
  const far = farEndOf(scene.index, port.id)?.interface
  const title = far === undefined ? undefined : scene.titles.get(far.namespace)
  return title === undefined ? `\uffff${port.name}` : title
}

function portHanging(scene: Scene, port: InterfaceNode): Hanging {
  const far = farEndOf(scene.index, port.id)?.interface
  if (far === undefined || far.namespace === port.namespace) {
    return { port: '', trouble: '', description: describe(scene, port), card: makeCard(interfaceContent(scene, port)) }
  }
  const marks = interfaceMarks(scene.index, port)
  return {
    port: [port.name, ...shownAddresses(port, false), ...wordsOf(marks, 'odd')].join(' · '),
    trouble: wordsOf(marks, 'broken').join(', '),
    description: describe(scene, port),
    card: hangingCard(scene, port, far),
  }
}

function wordsOf(marks: readonly Mark[], severity: Mark['severity']): string[] {
  return marks.filter((mark) => mark.severity === severity).map((mark) => mark.words)
}

/** The far namespace in full when it hangs here and has no place of its own; otherwise a reference to that place. */
function hangingCard(scene: Scene, near: InterfaceNode, far: InterfaceNode) {
  const node = scene.index.namespaces.get(far.namespace)!
  const isHere = scene.hangsOn.get(far.namespace)?.near.id === near.id
  const hasPlace = scene.frames.includes(node) || scene.wired.includes(node)
  if (!isHere || hasPlace) return makeCard(referenceContent(scene, far))
  return makeCard(namespaceContent(scene, node, far).content)
}

/** The namespace at the far end of a veth pair is drawn here. */
function hangsByWire(scene: Scene, node: InterfaceNode): boolean {
  const far = farEndOf(scene.index, node.id)?.interface
  return far !== undefined && scene.hangsOn.get(far.namespace)?.near.id === node.id
}

/** Macvlan, ipvlan and vlan interfaces of other namespaces that stand on an interface. */
function stackedHanging(scene: Scene, node: InterfaceNode): Hanging[] {
  return stackedOn(scene.index, node.id).flatMap((link) => {
    const upper = scene.index.interfaces.get(link.from)
    if (upper === undefined || upper.namespace === node.namespace) return []
    const description = `${link.kind} on ${describe(scene, node)}`
    const card = hangingCard(scene, node, upper)
    return [{ port: `${link.kind} on ${node.name}`, trouble: '', description, card }]
  })
}

function looseBus(hanging: readonly Hanging[]): Block {
  const content = {
    name: 'without a bridge',
    aside: '',
    addresses: [],
    trouble: '',
    look: 'loose' as const,
    strips: [],
  }
  return makeBus({ ...content, description: 'joined directly', hanging }, INNER)
}

/** Interfaces as people read them: a line each, what belongs to it below. */
import type { InspectedLink } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'

/** One block for each interface. */
export function linksText(links: readonly InspectedLink[], paint: Paint): string {
  const heads = table(
    links.map((link) => [
      String(link.index),
      printable(link.name),
      link.kind,
      state(link, paint),
      link.mac ?? '-',
      `mtu ${link.mtu}`,
      joins(link),
    ]),
    { indent: 2, right: [0] },
  )
  // A table aligns all heads; each is then followed by the lines of its own.
  const lines = heads.split('\n')
  return links.map((link, i) => `${lines[i]}\n${below(link, paint)}`).join('')
}

function state(link: InspectedLink, paint: Paint): string {
  if (!link.up) return paint('red', 'down')
  if (!link.carrier) return paint('yellow', 'up, no carrier')
  return paint('green', 'up')
}

/** Where it leads. */
function joins({ master, peer }: InspectedLink): string {
  return [
    ...(master === null ? [] : [`port of ${printable(master)}`]),
    ...(peer === null ? [] : [`-> ${printable(peer.name)} in ${printable(peer.label)}`]),
  ].join(', ')
}

function below(link: InspectedLink, paint: Paint): string {
  const { counters } = link
  const lines = [
    ...link.addresses.map((address) => addressLine(address, paint)),
    ...(link.alias === null ? [] : [`alias ${printable(link.alias)}`]),
    ...(link.altNames.length === 0 ? [] : [`also named ${link.altNames.map((name) => printable(name)).join(', ')}`]),
    ...kindLines(link),
    ...trafficLines(counters, paint),
  ]
  return lines.map((line) => `       ${line}\n`).join('')
}

function addressLine(address: InspectedLink['addresses'][number], paint: Paint): string {
  const words = [
    address.address,
    ...(address.peer === null ? [] : [`peer ${address.peer}`]),
    ...(address.scope === 'global' ? [] : [`scope ${address.scope}`]),
    ...address.flags.map((flag) => (flag === 'dadfailed' ? paint('red', flag) : flag)),
    ...(address.validSeconds === null ? [] : [`valid for ${address.validSeconds} s`]),
  ]
  return words.join(' ')
}

/** What the kernel says of its kind, in single values: `vxlan: id 4097, port 4789`. */
function kindLines(link: InspectedLink): string[] {
  return Object.entries(link.details).flatMap(([kind, settings]) => {
    if (typeof settings !== 'object' || settings === null) return []
    const words = Object.entries(settings).flatMap(([name, value]) => {
      const simple = typeof value === 'number' || typeof value === 'string'
      const telling =
        simple && MENTIONED.has(name) && USUAL[name] !== value && !(kind === 'bridgePort' && name === 'id')
      return telling ? [`${spaced(name)} ${printable(String(value))}`] : []
    })
    return words.length === 0 ? [] : [`${spaced(kind)}: ${words.join(', ')}`]
  })
}

/** Settings that say what a link is for; the many timers and limits are in the JSON document. */
const MENTIONED = new Set([
  ...['id', 'vni', 'local', 'local6', 'remote', 'remote6', 'group', 'group6', 'port', 'key', 'inputKey', 'outputKey'],
  ...['mode', 'protocol', 'table', 'state', 'stpState', 'vlanFiltering', 'isolated', 'learning'],
])
/** What they are unless somebody changed them, which needs no mention. */
const USUAL: Readonly<Record<string, unknown>> = { stpState: 0, vlanFiltering: 0, isolated: 0, learning: 1 }

/** `vlanFiltering` as words. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function trafficLines(counters: InspectedLink['counters'], paint: Paint): string[] {
  if (counters.rxPackets === 0 && counters.txPackets === 0) return []
  const troubles = [
    [counters.rxErrors, 'receive errors'],
    [counters.rxDropped, 'dropped on receive'],
    [counters.txErrors, 'send errors'],
    [counters.txDropped, 'dropped on send'],
  ] as const
  const words = troubles.flatMap(([count, what]) => (count === 0 ? [] : [paint('yellow', `${count} ${what}`)]))
  const received = `received ${bytes(counters.rxBytes)} in ${counters.rxPackets} packets`
  const sent = `sent ${bytes(counters.txBytes)} in ${counters.txPackets} packets`
  return [[received, sent, ...words].join(', ')]
}

/** Bytes in the largest binary unit that leaves a number above one. */
function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

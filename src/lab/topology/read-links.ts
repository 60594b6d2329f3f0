/** `links:` in the short form (`endpoints: ["a:eth1", "b:eth1"]`), the extended form (`type: veth`), and as shapes. */
import { isAddress, isInterfaceAddress, isInterfaceName, isMac } from './addresses.ts'
import type { LabFile, Value } from './lab-file.ts'
import { readImpairment } from './read-impairment.ts'
import { readShape, SHAPES } from './shapes.ts'
import type { Impairment, LabLink, LinkEnd } from './topology.ts'

const COMMON = ['type', 'mtu', 'labels', 'impairment'] as const
const REFUSED = { vars: 'it is read by vendors’ images only; use startup-config or exec' }
const LEAST_MTU = 68
const LARGEST_MTU = 65_535
const MACVLAN_MODES = ['bridge', 'private', 'vepa', 'passthru', 'source'] as const
const VXLAN_PORT = 4789
const EXTENDED = ['veth', 'host', 'mgmt-net', 'macvlan', 'vxlan', 'vxlan-stitch', 'dummy'] as const

/** Reads one entry of `links`; a shape becomes many links. */
export function readLink(file: LabFile, value: Value, nodes: readonly string[]): readonly LabLink[] {
  const type = typeOf(file, value)
  if (type === undefined) return readShort(file, value)
  if ((SHAPES as readonly string[]).includes(type)) return readShape(file, value, nodes)
  return readExtended(file, value, type)
}

function typeOf(file: LabFile, value: Value): string | undefined {
  const entry = file.entries(value, 'a link').find(({ key }) => key === 'type')
  if (entry === undefined) return undefined
  const words = [...EXTENDED, ...SHAPES]
  return file.choice(entry.value, 'type of a link', words) ?? 'wrong'
}

function readShort(file: LabFile, value: Value): readonly LabLink[] {
  const fields = file.fields(value, 'a link', ['endpoints', 'ipv4', 'ipv6', ...COMMON] as const, REFUSED)
  const items = file.items(fields.endpoints, 'endpoints of a link')
  if (items.length !== 2) {
    file.mistake(fields.endpoints ?? value, 'a link has two endpoints, like ["a:eth1", "b:eth1"]')
    return []
  }
  const ends = items.map((item) => readShortEnd(file, item))
  const [first, second] = ends
  if (first === undefined || second === undefined) return []
  const addresses = [
    ...pairOfAddresses(file, fields.ipv4, 'ipv4 of a link'),
    ...pairOfAddresses(file, fields.ipv6, 'ipv6 of a link'),
  ]
  const impairment = readImpairment(file, fields.impairment, 'impairment of a link')
  const common = readCommon(file, fields, value)
  const at = (index: 0 | 1, end: ShortEnd): LinkEnd => ({
    node: end.node,
    interface: end.interface,
    mac: undefined,
    addresses: addresses.map((pair) => pair[index]).filter((address) => address !== ''),
    impairment,
  })
  return toLink(file, value, [first, second], [at(0, first), at(1, second)], common)
}

interface ShortEnd {
  readonly node: string
  readonly interface: string
  readonly item: Value
}

function readShortEnd(file: LabFile, item: Value): ShortEnd | undefined {
  const text = file.text(item, 'an endpoint')
  if (text === undefined) return file.mistake(item, 'an endpoint is NODE:INTERFACE, like "a:eth1"')
  const colon = text.indexOf(':')
  const [node, name] = [text.slice(0, colon), text.slice(colon + 1)]
  if (colon < 1 || name === '') return file.mistake(item, `${text.slice(0, 60)} is not NODE:INTERFACE, like a:eth1`)
  if (!isInterfaceName(name)) {
    return file.mistake(item, `${name} cannot be the name of an interface: at most 15 characters, no blanks, / or :`)
  }
  return { node, interface: name, item }
}

/** The field's words for ends that are not nodes: `host:…`, `mgmt-net:…`, `macvlan:…`, `dummy:…`. */
function toLink(
  file: LabFile,
  value: Value,
  ends: readonly [ShortEnd, ShortEnd],
  [first, second]: readonly [LinkEnd, LinkEnd],
  common: Pick<LabLink, 'mtu' | 'labels' | 'position'>,
): readonly LabLink[] {
  const special = ends.findIndex(({ node }) => ['host', 'mgmt-net', 'macvlan', 'dummy'].includes(node))
  if (special === -1) return [{ kind: 'veth', ends: [first, second], ...common }]
  const end = special === 0 ? second : first
  const { node, interface: hostInterface } = ends[special]!
  if (['host', 'mgmt-net', 'macvlan', 'dummy'].includes(end.node ?? '')) {
    file.mistake(value, 'one end of a link must be a node')
    return []
  }
  if (node === 'host') return [{ kind: 'host', end, hostInterface, ...common }]
  if (node === 'mgmt-net') return [{ kind: 'mgmt-net', end, hostInterface, ...common }]
  if (node === 'macvlan') return [{ kind: 'macvlan', end, hostInterface, mode: 'bridge', ...common }]
  return [{ kind: 'dummy', end, ...common }]
}

function readExtended(file: LabFile, value: Value, type: string): readonly LabLink[] {
  if (type === 'wrong') return []
  if (type === 'veth') return readVeth(file, value)
  const own: Record<string, readonly string[]> = {
    host: ['host-interface'],
    'mgmt-net': ['host-interface'],
    macvlan: ['host-interface', 'mode'],
    vxlan: ['remote', 'vni', 'dst-port', 'src-port'],
    'vxlan-stitch': ['remote', 'vni', 'dst-port', 'src-port'],
    dummy: [],
  }
  const what = `a ${type} link`
  const fields: Partial<Record<string, Value>> = file.fields(
    value,
    what,
    ['endpoint', ...own[type]!, ...COMMON],
    REFUSED,
  )
  if (fields['endpoint'] === undefined) {
    file.mistake(value, `${what} has no endpoint`)
    return []
  }
  const end = readEnd(file, fields['endpoint'], readImpairment(file, fields['impairment'], `impairment of ${what}`))
  const common = readCommon(file, fields, value)
  if (end === undefined) return []
  if (type === 'dummy') return [{ kind: 'dummy', end, ...common }]
  if (type === 'vxlan' || type === 'vxlan-stitch') {
    const remote = file.text(fields['remote'], `remote of ${what}`)
    const vni = file.integer(fields['vni'], `vni of ${what}`, 0, 0xffffff)
    if (remote === undefined || vni === undefined || !isAddress(remote)) {
      if (remote !== undefined && !isAddress(remote))
        file.mistake(fields['remote'], `remote of ${what} must be an address`)
      else if (fields['remote'] === undefined || fields['vni'] === undefined)
        file.mistake(value, `${what} needs a remote and a vni`)
      return []
    }
    const destinationPort = file.integer(fields['dst-port'], `dst-port of ${what}`, 1, 65_535) ?? VXLAN_PORT
    const sourcePort = file.integer(fields['src-port'], `src-port of ${what}`, 1, 65_535)
    return [{ kind: type, end, remote, vni, destinationPort, sourcePort, ...common }]
  }
  const hostInterface = file.text(fields['host-interface'], `host-interface of ${what}`)
  if (hostInterface === undefined || !isInterfaceName(hostInterface)) {
    file.mistake(
      fields['host-interface'] ?? value,
      `${what} needs a host-interface, the name of an interface of the host`,
    )
    return []
  }
  if (type !== 'macvlan') return [{ kind: type as 'host' | 'mgmt-net', end, hostInterface, ...common }]
  const mode = file.choice(fields['mode'], `mode of ${what}`, MACVLAN_MODES) ?? 'bridge'
  return [{ kind: 'macvlan', end, hostInterface, mode, ...common }]
}

function readVeth(file: LabFile, value: Value): readonly LabLink[] {
  const fields = file.fields(value, 'a veth link', ['endpoints', ...COMMON] as const, REFUSED)
  const items = file.items(fields.endpoints, 'endpoints of a veth link')
  const impairment = readImpairment(file, fields.impairment, 'impairment of a veth link')
  const [first, second] = items.map((item) => readEnd(file, item, impairment))
  if (items.length !== 2) file.mistake(fields.endpoints ?? value, 'a veth link has two endpoints')
  if (items.length !== 2 || first === undefined || second === undefined) return []
  return [{ kind: 'veth', ends: [first, second], ...readCommon(file, fields, value) }]
}

function readEnd(file: LabFile, value: Value, linkImpairment: Impairment | undefined): LinkEnd | undefined {
  const known = ['node', 'interface', 'mac', 'ipv4', 'ipv6', 'addresses', 'impairment'] as const
  const fields = file.fields(value, 'an endpoint', known, REFUSED)
  const node = file.text(fields.node, 'node of an endpoint')
  const name = file.text(fields.interface, 'interface of an endpoint')
  if (node === undefined || name === undefined) {
    return file.mistake(value, 'an endpoint of this form has a node and an interface')
  }
  if (!isInterfaceName(name)) {
    return file.mistake(
      fields.interface,
      `${name} cannot be the name of an interface: at most 15 characters, no blanks, / or :`,
    )
  }
  const mac = file.text(fields.mac, 'mac of an endpoint')?.toLowerCase()
  if (mac !== undefined && !isMac(mac))
    file.mistake(fields.mac, `${mac} is not a MAC address of one interface, like 02:00:00:00:00:01`)
  const addresses = (['ipv4', 'ipv6', 'addresses'] as const).flatMap((field) =>
    (file.texts(fields[field], `${field} of an endpoint`, { orOne: true }) ?? []).filter(
      (address) =>
        isInterfaceAddress(address) ||
        file.mistake(fields[field], `${address} is not an address with a prefix length, like 10.0.0.1/24`) !==
          undefined,
    ),
  )
  const impairment = readImpairment(file, fields.impairment, 'impairment of an endpoint') ?? linkImpairment
  return { node, interface: name, mac, addresses, impairment }
}

/** The short form gives both ends' addresses as a list of two; an end without one has an empty text. */
function pairOfAddresses(file: LabFile, value: Value, what: string): readonly (readonly [string, string])[] {
  const texts = file.texts(value, what)
  if (texts === undefined) return []
  for (const text of texts.filter((text) => text !== '' && !isInterfaceAddress(text))) {
    file.mistake(value, `${text} in ${what} is not an address with a prefix length, like 10.0.0.1/24`)
  }
  if (texts.length > 2) file.mistake(value, `${what} has an address for each of the two ends, not ${texts.length}`)
  return [[texts[0] ?? '', texts[1] ?? '']]
}

function readCommon(
  file: LabFile,
  fields: Partial<Record<string, Value>>,
  value: Value,
): Pick<LabLink, 'mtu' | 'labels' | 'position'> {
  return {
    mtu: file.integer(fields['mtu'], 'mtu of a link', LEAST_MTU, LARGEST_MTU),
    labels: file.textMap(fields['labels'], 'labels of a link') ?? {},
    position: file.positionOf(value),
  }
}

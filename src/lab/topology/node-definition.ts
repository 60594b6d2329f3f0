/** What a file says of a node, or of what nodes inherit: all of it may be missing. */
import { isInterfaceAddress, isInterfaceName } from './addresses.ts'
import type { LabFile, Value } from './lab-file.ts'
import { parseBytes } from './quantities.ts'
import { readStages } from './read-stages.ts'
import type { LabRoute, Stage, StagePlan } from './topology.ts'

/** A definition; lists and texts as the file has them, with the place of each for later checks. */
export interface NodeDefinition {
  readonly kind?: string
  readonly group?: string
  readonly type?: string
  readonly image?: string
  readonly entrypoint?: string
  readonly command?: string
  readonly user?: string
  readonly hostname?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly environmentFiles?: readonly string[]
  readonly binds?: readonly string[]
  readonly ports?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly sysctls?: Readonly<Record<string, string>>
  readonly exec?: readonly string[]
  readonly startupConfig?: string
  readonly startupDelay?: number
  readonly stages?: Readonly<Partial<Record<Stage, StagePlan>>>
  readonly cpu?: number
  readonly memory?: number
  readonly dns?: {
    readonly servers: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }
  readonly networkMode?: string
  readonly managementIPv4?: string
  readonly managementIPv6?: string
  readonly capabilities?: readonly string[]
  readonly privileged?: boolean
  readonly restartPolicy?: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  readonly addresses?: Readonly<Record<string, readonly string[]>>
  readonly routes?: readonly LabRoute[]
  /** Where `kind`, `group` and each bind stand. */
  readonly places: Readonly<Record<string, Value>>
}

const KNOWN = [
  'kind',
  'group',
  'type',
  'image',
  'entrypoint',
  'cmd',
  'user',
  'hostname',
  'env',
  'env-files',
  'binds',
  'ports',
  'labels',
  'sysctls',
  'exec',
  'startup-config',
  'startup-delay',
  'stages',
  'cpu',
  'memory',
  'dns',
  'network-mode',
  'mgmt-ipv4',
  'mgmt-ipv6',
  'cap-add',
  'privileged',
  'restart-policy',
  'addresses',
  'routes',
] as const

/** Keys that the field's format has and that nothing here stands for. */
const REFUSED: Readonly<Record<string, string>> = {
  license: 'it belongs to vendors’ images that are not started here',
  'enforce-startup-config': 'the startup-config is always used',
  'suppress-startup-config': 'leave startup-config out instead',
  'auto-remove': 'a node that ends is kept, so that its links can come back',
  'image-pull-policy': 'images are never pulled while a lab is deployed; pull them before',
  volumes: 'use binds',
  credentials: 'nodes are not logged in to',
  runtime: 'kind linux needs no runtime, kind docker uses Docker',
  'link-apply-mode': 'links are always changed in the running node',
  'cpu-set': 'use cpu',
  extras: 'it belongs to kinds that are not here',
  config: 'use startup-config or exec',
  certificate: 'certificates are not issued',
  healthcheck: 'use stages with wait-for, or lab wait',
  components: 'it belongs to vendors’ images that are not started here',
  aliases: 'names of nodes are enough for labs of one host',
  'shm-size': 'it is Docker’s default',
  'cgroupns-mode': 'it is Docker’s default',
  'cgroup-parent': 'it is chosen by netwright',
  'pid-mode': 'each node has its own processes',
  tmpfs: 'use binds',
  'security-opts': 'it is Docker’s default',
  devices: 'use privileged',
}

/** Reads the definition of a node, a group, a kind, or the defaults. @param what for sentences: `the node leaf1` */
export function readNodeDefinition(file: LabFile, value: Value, what: string): NodeDefinition {
  const fields = file.fields(value, what, KNOWN, REFUSED)
  const of = (field: string): string => `${field} of ${what}`
  const definition = {
    kind: file.text(fields.kind, of('kind')),
    group: file.text(fields.group, of('group')),
    type: file.text(fields.type, of('type')),
    image: file.text(fields.image, of('image')),
    entrypoint: file.text(fields.entrypoint, of('entrypoint')),
    command: file.text(fields.cmd, of('cmd')),
    user: file.text(fields.user, of('user')),
    hostname: file.text(fields.hostname, of('hostname')),
    environment: file.textMap(fields.env, of('env')),
    environmentFiles: file.texts(fields['env-files'], of('env-files')),
    binds: file.texts(fields.binds, of('binds')),
    ports: file.texts(fields.ports, of('ports')),
    labels: file.textMap(fields.labels, of('labels')),
    sysctls: readSysctls(file, fields.sysctls, of('sysctls')),
    exec: file.texts(fields.exec, of('exec')),
    startupConfig: file.text(fields['startup-config'], of('startup-config')),
    startupDelay: file.number(fields['startup-delay'], of('startup-delay'), 0, 86_400),
    stages: fields.stages === undefined ? undefined : readStages(file, fields.stages, what),
    cpu: file.number(fields.cpu, of('cpu'), 0.01, 4096),
    memory: readMemory(file, fields.memory, of('memory')),
    dns: fields.dns === undefined ? undefined : readDns(file, fields.dns, of('dns')),
    networkMode: readNetworkMode(file, fields['network-mode'], of('network-mode')),
    managementIPv4: file.text(fields['mgmt-ipv4'], of('mgmt-ipv4')),
    managementIPv6: file.text(fields['mgmt-ipv6'], of('mgmt-ipv6')),
    capabilities: file.texts(fields['cap-add'], of('cap-add')),
    privileged: file.boolean(fields.privileged, of('privileged')),
    restartPolicy: file.choice(fields['restart-policy'], of('restart-policy'), [
      'no',
      'on-failure',
      'always',
      'unless-stopped',
    ] as const),
    addresses: fields.addresses === undefined ? undefined : readAddresses(file, fields.addresses, of('addresses')),
    routes: fields.routes === undefined ? undefined : readRoutes(file, fields.routes, of('routes')),
  }
  const given = Object.entries(definition).filter(([, field]) => field !== undefined)
  return { ...(Object.fromEntries(given) as Omit<NodeDefinition, 'places'>), places: fields }
}

function readSysctls(file: LabFile, value: Value, what: string): Readonly<Record<string, string>> | undefined {
  for (const { key, at } of file.entries(value, what)) {
    if (!/^net[./][\w./-]+$/.test(key)) file.mistake(at, `${key} is not a setting of networks: ${what} begin with net.`)
  }
  return file.textMap(value, what)
}

function readMemory(file: LabFile, value: Value, what: string): number | undefined {
  const text = file.text(value, what)
  if (text === undefined) return undefined
  return parseBytes(text) ?? file.mistake(value, `${what} must be like 512m or 1gib`)
}

function readDns(file: LabFile, value: Value, what: string): NonNullable<NodeDefinition['dns']> {
  const fields = file.fields(value, what, ['servers', 'search', 'options'] as const)
  return {
    servers: file.texts(fields.servers, `servers of ${what}`) ?? [],
    search: file.texts(fields.search, `search of ${what}`) ?? [],
    options: file.texts(fields.options, `options of ${what}`) ?? [],
  }
}

function readNetworkMode(file: LabFile, value: Value, what: string): string | undefined {
  const text = file.text(value, what)
  if (text === undefined || /^(bridge|host|none|container:.+)$/.test(text)) return text
  return file.mistake(value, `${what} must be bridge, host, none or container:NODE`)
}

function readAddresses(file: LabFile, value: Value, what: string): Readonly<Record<string, readonly string[]>> {
  const read: Record<string, readonly string[]> = {}
  for (const { key, at, value: list } of file.entries(value, what)) {
    if (!isInterfaceName(key))
      file.mistake(at, `${key} cannot be the name of an interface: at most 15 characters, no blanks, / or :`)
    const addresses = file.texts(list, `${key} in ${what}`, { orOne: true }) ?? []
    // Numbers of ranges are put in later, and judged then.
    for (const address of addresses.filter((text) => !text.includes('__n__') && !isInterfaceAddress(text))) {
      file.mistake(list, `${address} is not an address with a prefix length, like 10.0.0.1/24`)
    }
    read[key] = addresses
  }
  return read
}

/** `default via 10.0.0.1`, `10.2.0.0/16 via 10.0.0.1 dev eth1`, `10.3.0.0/16 dev eth2`. */
function readRoutes(file: LabFile, value: Value, what: string): readonly LabRoute[] {
  return file.items(value, what).flatMap((item) => {
    const text = file.text(item, `a route in ${what}`)
    if (text === undefined) return []
    const [, destination, via, device] = /^(\S+)(?:\s+via\s+(\S+))?(?:\s+dev\s+(\S+))?$/.exec(text.trim()) ?? []
    const known = destination === 'default' || (destination !== undefined && /[.:]/.test(destination))
    if (known && destination !== undefined && (via ?? device) !== undefined) {
      return [{ destination, via, interface: device }]
    }
    file.mistake(item, `${text.slice(0, 60)} is not a route, like “default via 10.0.0.1” or “10.2.0.0/16 dev eth1”`)
    return []
  })
}

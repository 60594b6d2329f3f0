/** A node out of its merged definition: paths made absolute, files looked for, what its kind cannot do refused. */
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { isInterfaceAddress } from './addresses.ts'
import { KIND_WORDS, kindOf } from './kinds.ts'
import type { LabFile, Value } from './lab-file.ts'
import { didYouMean } from './near-miss.ts'
import type { NodeDefinition } from './node-definition.ts'
import type { Bind, LabNode, NodeKindName } from './topology.ts'

/** What the definition of a node is completed with. */
export interface NodeContext {
  readonly file: LabFile
  /** Where the node stands. */
  readonly at: Value
  readonly name: string
  readonly longName: string
  readonly kindWord: string | undefined
  readonly group: string | undefined
  /** Folder that relative paths are taken from. */
  readonly folder: string
}

/** Definitions that only a container has. */
const CONTAINER_ONLY: readonly (keyof NodeDefinition)[] = [
  'entrypoint',
  'user',
  'ports',
  'restartPolicy',
  'managementIPv4',
  'managementIPv6',
]
/** Definitions that kinds without a process of their own do not have. */
const PROCESS_ONLY: readonly (keyof NodeDefinition)[] = [
  ...CONTAINER_ONLY,
  'image',
  'command',
  'environment',
  'environmentFiles',
  'binds',
  'startupConfig',
  'cpu',
  'memory',
  'dns',
  'networkMode',
  'capabilities',
  'privileged',
]
/** How a definition is written in the file. */
const WRITTEN: Partial<Record<keyof NodeDefinition, string>> = {
  command: 'cmd',
  environment: 'env',
  environmentFiles: 'env-files',
  startupConfig: 'startup-config',
  networkMode: 'network-mode',
  restartPolicy: 'restart-policy',
  managementIPv4: 'mgmt-ipv4',
  managementIPv6: 'mgmt-ipv6',
  capabilities: 'cap-add',
}

/** Makes the node. @returns undefined when its kind is unknown; the mistake is noted */
export function nodeOf(definition: NodeDefinition, context: NodeContext): LabNode | undefined {
  const { file, at, name, longName, kindWord, folder } = context
  const kind = kindWord === undefined ? undefined : kindOf(kindWord, definition.image)
  if (kind === undefined) return unknownKind(context)
  refuseWhatItCannot(definition, kind, context)
  for (const [device, addresses] of Object.entries(definition.addresses ?? {})) {
    for (const address of addresses.filter((text) => !isInterfaceAddress(text))) {
      file.mistake(at, `${address} on ${device} of ${name} is not an address with a prefix length, like 10.0.0.1/24`)
    }
  }
  return {
    name,
    longName,
    kind,
    kindWord: kindWord!,
    group: context.group,
    type: definition.type,
    image: definition.image,
    entrypoint: definition.entrypoint,
    command: definition.command,
    user: definition.user,
    hostname: definition.hostname ?? name,
    environment: { ...readEnvironmentFiles(definition, context), ...definition.environment },
    binds: (definition.binds ?? []).flatMap((text) => bindOf(text, context) ?? []),
    ports: definition.ports ?? [],
    labels: definition.labels ?? {},
    sysctls: definition.sysctls ?? {},
    exec: definition.exec ?? [],
    startupConfig: startupConfigOf(definition.startupConfig, context),
    startupDelay: definition.startupDelay ?? 0,
    stages: definition.stages ?? {},
    cpu: definition.cpu,
    memory: definition.memory,
    dns: definition.dns ?? { servers: [], search: [], options: [] },
    networkMode: definition.networkMode,
    managementIPv4: definition.managementIPv4,
    managementIPv6: definition.managementIPv6,
    capabilities: definition.capabilities ?? [],
    privileged: definition.privileged ?? true,
    restartPolicy: definition.restartPolicy ?? 'no',
    addresses: definition.addresses ?? {},
    routes: definition.routes ?? [],
    position: file.positionOf(at),
  }

  function startupConfigOf(text: string | undefined, { at: place }: NodeContext): LabNode['startupConfig'] {
    if (text === undefined) return undefined
    if (text.includes('\n')) return { text }
    const path = resolve(folder, text)
    if (!existsSync(path)) file.mistake(definition.places['startup-config'] ?? place, `there is no file ${path}`)
    return { path }
  }
}

function unknownKind({ file, at, name, kindWord }: NodeContext): undefined {
  const words = Object.keys(KIND_WORDS)
  if (kindWord === undefined) return file.mistake(at, `the node ${name} has no kind; there are ${words.join(', ')}`)
  return file.mistake(at, `there is no kind ${kindWord}${didYouMean(kindWord, words)}; there are ${words.join(', ')}`)
}

function refuseWhatItCannot(
  definition: NodeDefinition,
  kind: NodeKindName,
  { file, at, name, kindWord }: NodeContext,
): void {
  const cannot: Partial<Record<NodeKindName, readonly (keyof NodeDefinition)[]>> = {
    linux: CONTAINER_ONLY,
    frr: [...CONTAINER_ONLY, 'image', 'command'],
    bridge: PROCESS_ONLY,
    host: PROCESS_ONLY,
    existing: PROCESS_ONLY,
  }
  for (const field of cannot[kind] ?? []) {
    if (definition[field] === undefined) continue
    const written = WRITTEN[field] ?? field
    file.mistake(definition.places[written] ?? at, `${written} means nothing to ${name}, a node of kind ${kindWord}`)
  }
  if (kind === 'docker' && definition.image === undefined) file.mistake(at, `${name} is a container and has no image`)
}

function bindOf(text: string, { file, at, name, folder }: NodeContext): Bind | undefined {
  const parts = text.split(':')
  const [source = '', target = '', options = ''] = parts
  const words = options.split(',').filter((word) => word !== '')
  if (parts.length > 3 || source === '' || !isAbsolute(target)) {
    return file.mistake(at, `${text.slice(0, 60)} of ${name} is not a bind, like ./frr.conf:/etc/frr/frr.conf:ro`)
  }
  const path = resolve(folder, source)
  if (!existsSync(path)) return file.mistake(at, `there is no file ${path}, which ${name} binds`)
  return { source: path, target, readOnly: words.includes('ro') }
}

function readEnvironmentFiles(
  { environmentFiles = [] }: NodeDefinition,
  { file, at, folder }: NodeContext,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const name of environmentFiles) {
    const path = resolve(folder, name)
    try {
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        const [, key, value = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? []
        if (key !== undefined) environment[key] = value.replace(/^(["'])(.*)\1$/, '$2')
      }
    } catch {
      file.mistake(at, `the env-file ${path} cannot be read`)
    }
  }
  return environment
}

/** Gathers everything that a second person needs. Each part stands for itself: one that fails is named in the index. */
import { existsSync, readFileSync } from 'node:fs'
import { version as kernelVersion, release, uptime } from 'node:os'
import { basename } from 'node:path'
import { type Graph, inspectNamespace, namespaceLabel, openDockerDaemons, openTarget } from '../../host/index.ts'
import { examine } from '../doctor/index.ts'
import { type Intent, readIntent } from '../intent/index.ts'
import { takeScene } from '../scene/index.ts'
import type { Scene } from '../scene/scene.ts'
import { kernelLog, LOG_FILES, logLines } from './logs.ts'
import type { ArchiveFile } from './tar.ts'
import { withoutSecrets } from './without-secrets.ts'

/** What is in an archive, and what is not (index.json in it). */
export interface SupportIndex {
  readonly schema: 'netwright/support/v1'
  readonly host: string
  /** ISO 8601, UTC. */
  readonly takenAt: string
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly about: string }[]
  /** What could not be had, and why. */
  readonly missing: readonly { readonly what: string; readonly reason: string }[]
}

/** How to gather. */
export interface SupportOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the program. */
  readonly version: string
}

/** Bytes of one file, and of all together. */
const LARGEST_FILE = 8 * 1024 * 1024
const LARGEST_ARCHIVE = 256 * 1024 * 1024
/** Namespaces that are told in full. */
const MOST_NAMESPACES = 1000
/** Longest wait for a daemon, in milliseconds. */
const PATIENCE = 5000

/** The files of an archive, the index first. */
export async function collectSupport(options: SupportOptions): Promise<{ index: SupportIndex; files: ArchiveFile[] }> {
  const collection = new Collection()
  collection.add('versions.json', 'versions of what is at work', () => versions(options.version))
  const scene = await collection.attempt('the graph of the host', () => takeScene({ environment: options.environment }))
  if (scene !== undefined) {
    try {
      await collectScene(scene, options, collection)
    } finally {
      scene.close()
    }
  }
  await collection.attempt('Docker', () => collectDocker(options.environment, collection))
  collection.addText('logs/kernel.log', 'messages of the kernel about networks', kernelLog)
  // Systems that keep a journal have none of these files.
  for (const path of LOG_FILES.filter((file) => existsSync(file))) {
    collection.addText(`logs/${basename(path)}`, `last lines of ${path} about networks`, () => logLines(path))
  }
  collection.miss(
    'the journal',
    'it is read by “journalctl -u docker -n 500” and “journalctl -k -n 500”; add their output by hand',
  )
  return collection.finish(scene?.graph)
}

async function collectScene(scene: Scene, { environment }: SupportOptions, collection: Collection): Promise<void> {
  const { graph } = scene
  collection.add('graph.json', 'every namespace, interface, link and network (netwright map --json)', () => graph)
  const intent = await collection.attempt('what runtimes have on record', () =>
    readIntent(graph, { environment, deadline: PATIENCE }),
  )
  if (intent !== undefined) collection.add('intent.json', 'what runtimes have on record', () => intent)
  await collectFindings(scene, intent, environment, collection)
  for (const node of graph.namespaces.slice(0, MOST_NAMESPACES)) {
    const label = namespaceLabel(node)
    collection.add(`namespaces/${node.inode}.json`, `${label} in full (netwright show ${label} --json)`, () =>
      inspect(graph, node, label),
    )
  }
  const left = graph.namespaces.length - MOST_NAMESPACES
  if (left > 0) collection.miss(`${left} namespaces in full`, `there are more than ${MOST_NAMESPACES}`)
}

async function collectFindings(
  scene: Scene,
  intent: Intent | undefined,
  environment: SupportOptions['environment'],
  collection: Collection,
): Promise<void> {
  const findings = await collection.attempt('findings', () =>
    examine(scene, { environment, ...(intent === undefined ? {} : { intent }) }),
  )
  if (findings !== undefined) collection.add('findings.json', 'what is wrong (netwright doctor --json)', () => findings)
}

function inspect(graph: Graph, node: Graph['namespaces'][number], label: string): unknown {
  const target = { inode: node.inode, label, node }
  using namespace = openTarget(target)
  return inspectNamespace({ namespace, target, graph })
}

const DOCKER_VIEWS = ['version', 'info', 'networks', 'containers/json'] as const

async function collectDocker(environment: SupportOptions['environment'], collection: Collection): Promise<void> {
  const daemons = await openDockerDaemons(environment, AbortSignal.timeout(PATIENCE))
  for (const [number, daemon] of daemons.entries()) {
    try {
      for (const view of DOCKER_VIEWS) {
        const answer = await collection.attempt(`${view} of ${daemon.label}`, () => daemon.get(`/${view}`))
        const path = `docker/${number + 1}/${view.split('/')[0]}.json`
        if (answer !== undefined) collection.add(path, `${view} of ${daemon.label}`, () => answer)
      }
    } finally {
      daemon.close()
    }
  }
}

function versions(program: string): unknown {
  return {
    netwright: program,
    node: process.version,
    libraries: process.versions,
    kernel: release(),
    build: kernelVersion(),
    uptimeSeconds: uptime(),
    system: systemRelease(),
  }
}

/** os-release(5) */
function systemRelease(): Record<string, string> {
  const text = readFileSync('/etc/os-release', 'utf8').slice(0, 16 * 1024)
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)="?([^"]*)"?$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The files so far, and what is missing. */
class Collection {
  readonly #files: (ArchiveFile & { readonly about: string })[] = []
  readonly #missing: { what: string; reason: string }[] = []
  #bytes = 0

  /** Adds a document, secrets left out. */
  add(path: string, about: string, make: () => unknown): void {
    this.addText(path, about, () => `${JSON.stringify(withoutSecrets(make()), null, 1)}\n`)
  }

  /** Adds a text. */
  addText(path: string, about: string, make: () => string): void {
    try {
      const content = Buffer.from(make())
      if (content.length > LARGEST_FILE || this.#bytes + content.length > LARGEST_ARCHIVE) {
        this.miss(about, `it has ${content.length} bytes, more than there is room for`)
        return
      }
      this.#bytes += content.length
      this.#files.push({ path, content, about })
    } catch (error) {
      this.miss(about, reasonOf(error))
    }
  }

  miss(what: string, reason: string): void {
    this.#missing.push({ what, reason })
  }

  async attempt<T>(what: string, make: () => Promise<T>): Promise<T | undefined> {
    try {
      return await make()
    } catch (error) {
      this.miss(what, reasonOf(error))
      return undefined
    }
  }

  finish(graph: Graph | undefined): { index: SupportIndex; files: ArchiveFile[] } {
    const index: SupportIndex = {
      schema: 'netwright/support/v1',
      host: graph?.host ?? '',
      takenAt: graph?.takenAt ?? new Date().toISOString(),
      files: this.#files.map(({ path, content, about }) => ({ path, bytes: content.length, about })),
      missing: [
        ...this.#missing,
        ...(graph?.warnings ?? []).map((reason) => ({ what: 'a part of the graph', reason })),
      ],
    }
    const first = { path: 'index.json', content: Buffer.from(`${JSON.stringify(index, null, 2)}\n`) }
    return { index, files: [first, ...this.#files] }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

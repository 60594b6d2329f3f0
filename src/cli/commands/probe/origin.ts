/** Where a probe starts: the namespace of FROM, with the files by which names are resolved there. */
import { readFileSync } from 'node:fs'
import { type Graph, type NamespaceNode, openTarget, readResolverFiles, takeGraph } from '../../../host/index.ts'
import { hasCode, type Namespace } from '../../../kernel/index.ts'
import type { ResolverTexts } from '../../../probe/index.ts'
import { CannotError, type Invocation } from '../../command.ts'
import { namedTarget } from '../ns/named-target.ts'

/** Where a probe starts. Close it when done. */
export interface Origin {
  readonly namespace: Namespace
  /** As people call it: `docker:web`. */
  readonly label: string
  readonly node: NamespaceNode
  readonly graph: Graph
  readonly files: ResolverTexts
  [Symbol.dispose](): void
}

/** An origin as documents have it. */
export function originView({ label, node }: Origin): { readonly label: string; readonly namespace: string } {
  return { label, namespace: node.inode }
}

/** Opens FROM. @throws TargetError when there is none, or more than one; CannotError without the right to enter it */
export async function openOrigin({ arguments: words, environment, terminal }: Invocation): Promise<Origin> {
  const graph = await takeGraph({ environment })
  const target = namedTarget(words['FROM'], graph, terminal)
  const namespace = openTarget(target)
  return {
    ...{ namespace, label: target.label, node: target.node, graph, files: resolverTexts(target.node) },
    [Symbol.dispose]: () => namespace.close(),
  }
}

/** Without files of its own a namespace has the host's, as with `ip netns exec` (ip-netns(8)). */
function resolverTexts(node: NamespaceNode): ResolverTexts {
  const found = readResolverFiles(node)
  const own = (path: string): string | undefined => {
    const file = found?.files.find((candidate) => candidate.path === path)
    return file === undefined ? undefined : Buffer.from(file.content).toString('utf8')
  }
  return {
    source: found?.source ?? 'the host',
    resolvConf: own('/etc/resolv.conf') ?? hostFile('/etc/resolv.conf'),
    hosts: own('/etc/hosts') ?? hostFile('/etc/hosts'),
  }
}

function hostFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return undefined
    throw error
  }
}

/** What a probe that was refused the right to send says. */
export function withoutRight(error: unknown): unknown {
  if (!hasCode(error, 'EPERM', 'EACCES')) return error
  return new CannotError(
    `probing from a namespace needs CAP_NET_RAW there (${(error as Error).message}); run it as root`,
  )
}

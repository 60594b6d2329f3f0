/** The words that people call a namespace by, taken apart. */
import { TargetUnknownError } from './target-errors.ts'

/** What a word asks for. */
export type Target =
  | { readonly kind: 'host' }
  /** An entry of /run/netns. */
  | { readonly kind: 'name'; readonly name: string }
  /** A process, or a single thread by its number. */
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'inode'; readonly inode: string }
  | { readonly kind: 'path'; readonly path: string }
  /** A container, pod or unit, by name or by the beginning of its id. */
  | { readonly kind: 'owner'; readonly runtime: string; readonly name: string }
  | { readonly kind: 'lab'; readonly lab: string; readonly node: string }
  | { readonly kind: 'sandbox'; readonly name: string }
  /** The namespace that serves an overlay network. */
  | { readonly kind: 'network'; readonly name: string }
  /** A word without a prefix: whatever is called so. */
  | { readonly kind: 'bare'; readonly word: string }

/** Runtimes whose names may stand before the colon. */
export const TARGET_RUNTIMES = [
  'docker',
  'podman',
  'containerd',
  'kubernetes',
  'containerlab',
  'lxc',
  'systemd',
] as const

/** Prefixes with their own meaning, each with what must follow. */
const readers: Record<string, (rest: string) => Target | string> = {
  ns: (name) => ({ kind: 'name', name }),
  pid: (rest) => (/^[1-9]\d{0,9}$/.test(rest) ? { kind: 'pid', pid: Number(rest) } : 'a process number'),
  inode: (rest) => (/^([1-9]\d{0,19}|behind:.+)$/.test(rest) ? { kind: 'inode', inode: rest } : 'an inode number'),
  path: (rest) => (rest.startsWith('/') ? { kind: 'path', path: rest } : 'an absolute path'),
  lab: (rest) => {
    const [lab, node] = splitOnce(rest, '/')
    return lab !== '' && node !== undefined && node !== '' ? { kind: 'lab', lab, node } : 'LAB/NODE'
  },
  sandbox: (name) => ({ kind: 'sandbox', name }),
  network: (name) => ({ kind: 'network', name }),
  ...Object.fromEntries(
    TARGET_RUNTIMES.map((runtime) => [runtime, (name: string): Target => ({ kind: 'owner', runtime, name })]),
  ),
}

/**
 * Takes a word apart: `host`, `ns:NAME`, `pid:N`, `inode:N`, `path:/…`, `docker:NAME|ID` (and the other runtimes),
 * `lab:LAB/NODE`, `sandbox:NAME`, `network:NAME`; anything else is a bare word.
 * @throws TargetUnknownError when what follows the prefix cannot be right
 */
export function parseTarget(word: string): Target {
  if (word === 'host') return { kind: 'host' }
  const [prefix, rest] = splitOnce(word, ':')
  const read = Object.hasOwn(readers, prefix) ? readers[prefix] : undefined
  if (rest === undefined || read === undefined) return bare(word)
  const target = rest === '' ? 'a name' : read(rest)
  if (typeof target === 'string') throw new TargetUnknownError(word, `${prefix}: must be followed by ${target}`)
  return target
}

function bare(word: string): Target {
  if (word === '') throw new TargetUnknownError(word, 'a target is a word such as host, docker:web or pid:1')
  return { kind: 'bare', word }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

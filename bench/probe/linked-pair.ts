/** Two namespaces, joined by one link, for measuring what passes between them. */
import { execFileSync } from 'node:child_process'

/** The link's name at both ends. */
export const FLOOD_LINK = 'link0'
/** Addresses of both ends. */
export const ADDRESS = { left: '10.88.0.1', right: '10.88.0.2' } as const

/** Names of the two. */
export interface LinkedPair {
  readonly left: string
  readonly right: string
}

/** Runs `work` with a pair, and removes it. */
export async function withLinkedPair<T>(work: (pair: LinkedPair) => Promise<T>): Promise<T> {
  const pair = { left: `nwt-bench-${process.pid}-l`, right: `nwt-bench-${process.pid}-r` }
  try {
    batch([`netns add ${pair.left}`, `netns add ${pair.right}`])
    batch([`link add ${FLOOD_LINK} netns ${pair.left} type veth peer name ${FLOOD_LINK} netns ${pair.right}`])
    for (const side of ['left', 'right'] as const) {
      const name = pair[side]
      // Without IPv6 the kernel sends nothing of its own accord.
      execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'])
      batch([`addr add ${ADDRESS[side]}/24 dev ${FLOOD_LINK}`, `link set ${FLOOD_LINK} up`, 'link set lo up'], name)
    }
    return await work(pair)
  } finally {
    for (const name of Object.values(pair)) {
      try {
        batch([`netns del ${name}`])
      } catch {
        // It was not made.
      }
    }
  }
}

function batch(lines: readonly string[], inside?: string): void {
  const words = [...(inside === undefined ? [] : ['-n', inside]), '-batch', '-']
  execFileSync('ip', words, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] })
}

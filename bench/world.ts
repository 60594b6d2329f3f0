/** A ring of named namespaces, each with its loopback and two veth ends, made and removed by iproute2 in batches. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const PREFIX = 'nwt-bench-'

/** Names of the ring's namespaces, in order. */
export function ringNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${PREFIX}${i}`)
}

/** Makes the ring. */
export function makeRing(count: number): void {
  const names = ringNames(count)
  batch(names.map((name) => `netns add ${name}`))
  batch(names.map((name, i) => `link add e0 netns ${name} type veth peer name e1 netns ${names[(i + 1) % count]}`))
}

/** Removes every namespace of a ring, also of one that an earlier run left behind. */
export function removeRing(): void {
  const names = namedNamespaces().filter((name) => name.startsWith(PREFIX))
  if (names.length > 0) batch(names.map((name) => `netns del ${name}`))
}

/** Entries of /run/netns. */
export function namedNamespaces(): string[] {
  try {
    return readdirSync('/run/netns')
  } catch {
    return []
  }
}

function batch(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] })
}

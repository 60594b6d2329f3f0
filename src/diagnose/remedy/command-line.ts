/** Lines for a root shell on this host. */
import type { Place } from '../scene/place.ts'

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word of a shell command: names come from containers and files and may hold anything. */
export function shellWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * A command, as a line that runs in a namespace: as it is at home, through its name in /run/netns, or else through a path
 * that leads there now.
 */
export function commandIn(place: Place, home: string, words: readonly string[]): string {
  return [...entry(place, home), ...words].map(shellWord).join(' ')
}

function entry({ inode, node }: Place, home: string): readonly string[] {
  if (inode === home) return []
  const [name] = node.names
  if (name !== undefined) return ['ip', 'netns', 'exec', name]
  const [path] = node.mounts
  if (path !== undefined) return ['nsenter', `--net=${path}`]
  const [pid] = node.pids
  if (pid !== undefined) return ['nsenter', `--net=/proc/${pid}/ns/net`]
  const held = node.holders.find((holder) => holder.pid !== undefined && holder.fd !== undefined)
  return held === undefined ? ['nsenter', `--net=/proc/*/ns/net`] : ['nsenter', `--net=/proc/${held.pid}/fd/${held.fd}`]
}

/** What comes of requests to the kernel. */
import { type BatchOutcome, hasCode, type NamespaceHandle, readSysctl, writeSysctl } from '../../../kernel/index.ts'

/** Throws the first refusal of a batch, but those with one of the codes that are `fine`. @throws NetlinkError */
export function refuse(outcomes: readonly BatchOutcome[], ...fine: string[]): void {
  for (const outcome of outcomes) if (!outcome.ok && !fine.includes(outcome.error.code)) throw outcome.error
}

/**
 * Sets a setting that this kernel may lack (IPv6 can be absent) and that /proc/sys may already have: containers often have it
 * read-only, and then a right value is good enough.
 * @returns true when the value was another one before
 */
export function writeSetting(namespace: NamespaceHandle, key: string, value: number): boolean {
  try {
    if (readSysctl(namespace, key) === String(value)) return false
    writeSysctl(namespace, key, value)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** What libnftables said when it refused commands. */
import type { NftCommand, NftListing } from './objects.ts'

/** A command as it was given to libnftables. */
export type NftRequest = NftCommand | { readonly list: NftListing }

// The library gives words instead of numbers: those of strerror(3), which are English in the C locale that Node runs in.
const reasons: readonly (readonly [phrase: string, code: string])[] = [
  ['Operation not permitted', 'EPERM'],
  ['No such file or directory', 'ENOENT'],
  ['File exists', 'EEXIST'],
  ['Device or resource busy', 'EBUSY'],
  ['Operation not supported', 'EOPNOTSUPP'],
  ['Invalid argument', 'EINVAL'],
  ['Protocol error', 'EPROTO'],
]

/** Commands that libnftables or the kernel refused. Nothing of their transaction was carried out. */
export class NftablesError extends Error {
  override readonly name = 'NftablesError'
  /** The commands, as they were given. */
  readonly commands: readonly NftRequest[]
  /** All that libnftables said, unchanged. It may quote names and comments of the rule set. */
  readonly text: string
  /** The errno's symbol when the text names one: EPERM, ENOENT, EEXIST … */
  readonly code: string | undefined
  /** The namespace, as the caller named it. */
  readonly namespace: string | undefined

  constructor(commands: readonly NftRequest[], text: string, namespace?: string) {
    const place = namespace === undefined ? '' : ` in ${namespace}`
    super(`nftables${place}: ${firstComplaint(text)}`)
    this.commands = commands
    this.text = text
    this.code = reasons.find(([phrase]) => text.includes(phrase))?.[1]
    this.namespace = namespace
  }
}

/** `internal:0:0-0: Error: Could not process rule: File exists` without the place, which JSON commands do not have. */
function firstComplaint(text: string): string {
  const line = text.split('\n').find((line) => line.includes('Error: ')) ?? text.trim()
  return line.replace(/^.*?Error: /, '') || 'refused without a reason'
}

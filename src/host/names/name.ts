/** What may be a name in /run/netns, and where it stands. */
import { NAMED_NAMESPACES } from '../../kernel/index.ts'
import { NameInvalidError } from './name-errors.ts'

/** Bytes of a name: NAME_MAX less the five of `.json`, because each name has a record called so. */
const LONGEST_NAME = 250

/**
 * Passes a name that `ip netns` can use as well.
 * @throws NameInvalidError when it is empty or too long, leads elsewhere, looks like an option, or cannot be seen
 */
export function checkName(name: string): string {
  const fault = faultOf(name)
  if (fault !== undefined) throw new NameInvalidError(`"${name.slice(0, 80)}" cannot be a name in /run/netns: ${fault}`)
  return name
}

/** The path of a name. */
export function namePath(name: string): string {
  return `${NAMED_NAMESPACES}/${name}`
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name === '.' || name === '..') return 'it means a directory'
  if (name.includes('/')) return 'it holds a slash'
  if (name.startsWith('-')) return 'commands would take it for an option'
  if (/[\p{C}\p{Z}]/u.test(name)) return 'it holds blanks or characters that cannot be seen'
  if (Buffer.byteLength(name) > LONGEST_NAME) return `it is longer than ${LONGEST_NAME} bytes`
  return undefined
}

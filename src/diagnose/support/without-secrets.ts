/** What is given to others carries no secrets: passwords in variables, labels, options and arguments, keys of tunnels. */

/** What stands for a value that was left out. */
export const LEFT_OUT = '(left out)'

/** Members that are left out wherever they stand, by name: variables and arguments hold passwords under any name. */
const WHOLE = new Set([
  'env',
  'cmd',
  'command',
  'entrypoint',
  'args',
  'arguments',
  'healthcheck',
  'registryconfig',
  'swarm',
  'jointokens',
])
/** Names of members and labels that look like those of a secret. */
const SECRET =
  /pass(word|wd|phrase)?|secret|token|credential|private|auth(?!entic)|api.?key|access.?key|(^|[^a-z])key($|[^a-z])|preshared|cookie$/i
/** Values that are secrets whatever they are called: addresses with a password in them, keys in armour. */
const TELLING = /:\/\/[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY/

/** A copy of a document of plain values, without what could be a secret. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return TELLING.test(value) ? LEFT_OUT : value
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSecret(name, member) ? LEFT_OUT : withoutSecrets(member)]),
  )
}

function isSecret(name: string, member: unknown): boolean {
  if (member === null || typeof member === 'boolean' || typeof member === 'number') return false
  if (WHOLE.has(name.toLowerCase()) && typeof member !== 'string') return true
  return SECRET.test(name) || (name.toLowerCase() === 'command' && typeof member === 'string' && member.includes(' '))
}

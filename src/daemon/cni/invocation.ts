/** How a runtime calls a CNI plugin: a verb and its subject in the environment, a configuration on standard input. */
import { CniCode, CniError } from './cni-error.ts'

/** What a plugin can be asked to do. */
export type CniVerb = 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC' | 'VERSION'

/** A call as it comes in: what is in the environment, and what is on standard input. */
export interface CniCall {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: string
}

/** The environment of a call, checked. */
export interface CniSubject {
  readonly containerId: string
  /** Path of the container's namespace; empty for a DEL whose namespace is gone. */
  readonly netns: string
  readonly interfaceName: string
  /** CNI_ARGS: `IP=10.1.2.3;K8S_POD_NAME=web`. */
  readonly args: ReadonlyMap<string, string>
}

const VERBS: readonly CniVerb[] = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC', 'VERSION']
/** Environment variables that a call is made of. */
export const CNI_VARIABLES = ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS'] as const

/** The specification's rule for container ids; the length is ours, so that an endpoint's name holds it. */
const CONTAINER_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/
/** IFNAMSIZ less the terminating NUL. */
const LONGEST_INTERFACE_NAME = 15

/** The verb of a call. @throws CniError 4 */
export function verbOf({ environment }: CniCall): CniVerb {
  const given = environment['CNI_COMMAND'] ?? ''
  const verb = VERBS.find((verb) => verb === given)
  if (verb !== undefined) return verb
  const what = given === '' ? 'CNI_COMMAND is not set' : `CNI_COMMAND is ${JSON.stringify(given.slice(0, 40))}`
  throw new CniError(CniCode.invalidEnvironment, `${what}; it is one of ${VERBS.join(', ')}`)
}

/** The subject of ADD, DEL and CHECK. @throws CniError 4, naming the variable */
export function subjectOf({ environment }: CniCall, verb: CniVerb): CniSubject {
  const netns = environment['CNI_NETNS'] ?? ''
  if (netns === '' && verb !== 'DEL') throw unusable('CNI_NETNS', netns, 'the path of a network namespace')
  if (netns !== '' && !netns.startsWith('/')) throw unusable('CNI_NETNS', netns, 'an absolute path')
  return {
    netns,
    containerId: checked(
      environment,
      'CNI_CONTAINERID',
      isContainerId,
      'letters, digits and _.- (a letter or digit first)',
    ),
    interfaceName: checked(environment, 'CNI_IFNAME', isInterfaceName, `1 to ${LONGEST_INTERFACE_NAME} characters`),
    args: parseArgs(environment['CNI_ARGS'] ?? ''),
  }
}

/** True for what may be a container's id. */
export function isContainerId(text: string): boolean {
  return CONTAINER_ID.test(text)
}

/** True for what the kernel takes as an interface's name (dev_valid_name, net/core/dev.c). */
export function isInterfaceName(text: string): boolean {
  return text.length <= LONGEST_INTERFACE_NAME && /^[^\s/:\p{Cc}]+$/u.test(text) && text !== '.' && text !== '..'
}

function checked(
  environment: CniCall['environment'],
  name: string,
  fits: (text: string) => boolean,
  what: string,
): string {
  const value = environment[name] ?? ''
  if (fits(value)) return value
  throw unusable(name, value, what)
}

function unusable(name: string, value: string, what: string): CniError {
  const text = value === '' ? `${name} is not set` : `${name} is ${JSON.stringify(value.slice(0, 80))}`
  return new CniError(CniCode.invalidEnvironment, `${text}; it must be ${what}`)
}

function parseArgs(text: string): Map<string, string> {
  const args = new Map<string, string>()
  for (const pair of text.split(';')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    if (equals < 1) throw unusable('CNI_ARGS', text, 'pairs like KEY=VALUE;KEY=VALUE')
    args.set(pair.slice(0, equals), pair.slice(equals + 1))
  }
  return args
}

/** In which namespace a command would run: `ip netns exec`, `ip -n`, `nsenter`, `docker exec`, or a target and a colon. */

import { WhatIfError } from './what-if-error.ts'
import { splitWords } from './words.ts'

/** A command without what only says where. */
export interface LocatedCommand {
  /** A target; undefined for the namespace that the program itself runs in. */
  readonly target: string | undefined
  readonly words: readonly string[]
}

/** Options of nsenter(1) and `docker exec` that say nothing about the network. */
const HARMLESS = new Set([
  '-i',
  '-t',
  '-it',
  '-ti',
  '--privileged',
  '--interactive',
  '--tty',
  '-u',
  'root',
  '-m',
  '--mount',
])
/** Containers' runtimes with an `exec` like Docker's. */
const RUNTIMES = new Set(['docker', 'podman'])

/** Takes it apart. @throws WhatIfError when it is not understood */
export function locateCommand(line: string): LocatedCommand {
  let words = splitWords(line)
  let target: string | undefined
  const first = words[0]
  if (first !== undefined && /^[^=]+:$/.test(first) && words.length > 1) {
    target = first.slice(0, -1)
    words = words.slice(1)
  }
  for (;;) {
    const peeled = peel(words)
    if (peeled === undefined) break
    target = peeled.target ?? target
    words = peeled.words
  }
  if (words.length === 0) throw new WhatIfError('there is no command to suppose')
  return { target, words }
}

/** One prefix less; undefined when there is none. */
function peel(words: readonly string[]): LocatedCommand | undefined {
  const [program, ...rest] = words
  if (program === undefined) return undefined
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (name === 'sudo') return { target: undefined, words: rest }
  if (name === 'ip' && rest[0] === 'netns' && rest[1] === 'exec') {
    return { target: `ns:${needed(rest[2], 'the name behind ip netns exec')}`, words: rest.slice(3) }
  }
  if ((name === 'ip' || name === 'bridge') && (rest[0] === '-n' || rest[0] === '-netns')) {
    return { target: `ns:${needed(rest[1], `the name behind ${name} -n`)}`, words: [program, ...rest.slice(2)] }
  }
  if (name === 'nsenter') return peelNsenter(rest)
  if (RUNTIMES.has(name) && rest[0] === 'exec') {
    const options = rest.slice(1).findIndex((word) => !HARMLESS.has(word))
    const at = options < 0 ? rest.length : options + 1
    return { target: `${name}:${needed(rest[at], `the container behind ${name} exec`)}`, words: rest.slice(at + 1) }
  }
  return undefined
}

function peelNsenter(words: readonly string[]): LocatedCommand {
  let target: string | undefined
  let pid: string | undefined
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]!
    if (word.startsWith('--net=')) target = `path:${word.slice('--net='.length)}`
    else if (/^-n.+/.test(word)) target = `path:${word.slice(2)}`
    else if (word === '-t' || word === '--target') pid = words[++at]
    else if (/^--target=\d+$|^-t\d+$/.test(word)) pid = word.replace(/^\D+/, '')
    else if (word === '--') {
      at++
      break
    } else if (word !== '-n' && word !== '--net' && !HARMLESS.has(word)) break
  }
  target ??= pid === undefined ? undefined : `pid:${pid}`
  return { target: needed(target, 'the namespace of nsenter'), words: words.slice(at) }
}

function needed(word: string | undefined, what: string): string {
  if (word === undefined || word === '') throw new WhatIfError(`${what} is missing`)
  return word
}

/** Why a word leads to no namespace, or to too many. */

/** A way to say which of several namespaces is meant. */
export interface TargetChoice {
  /** A word that means this one alone: `docker:web`. */
  readonly word: string
  /** nsfs inode, decimal. */
  readonly inode: string
  /** What tells it from the others, when its word does not: the namespace of the daemon that made it. */
  readonly place?: string
}

/** Names come from containers and files and may be thousands of bytes long; a sentence stays one. */
const LONGEST_WORD = 100

/** A target that cannot be used; the message is one sentence. Control characters in names are escaped where it is shown. */
export abstract class TargetError extends Error {
  /** What callers switch on: `TARGET_UNKNOWN`, `TARGET_AMBIGUOUS`, `TARGET_GONE`. */
  abstract readonly code: string
  readonly word: string

  constructor(word: string, message: string) {
    super(message)
    this.word = word
  }
}

/** Nothing on this host is called so. */
export class TargetUnknownError extends TargetError {
  override readonly name = 'TargetUnknownError'
  override readonly code = 'TARGET_UNKNOWN'
  /** Words that differ little from it. */
  readonly nearMisses: readonly string[]

  constructor(word: string, reason: string, nearMisses: readonly string[] = []) {
    const advice = nearMisses.length === 0 ? '' : `; did you mean ${nearMisses.map(short).join(' or ')}?`
    super(word, `no such target "${short(word)}": ${reason}${advice}`)
    this.nearMisses = nearMisses
  }
}

/** Several namespaces are called so. */
export class TargetAmbiguousError extends TargetError {
  override readonly name = 'TargetAmbiguousError'
  override readonly code = 'TARGET_AMBIGUOUS'
  readonly choices: readonly TargetChoice[]

  constructor(word: string, choices: readonly TargetChoice[]) {
    const listed = choices.slice(0, 8).map(choiceText)
    if (choices.length > listed.length) listed.push(`${choices.length - listed.length} more`)
    super(word, `${short(word)} is ambiguous: ${listed.join(', ')}; say which`)
    this.choices = choices
  }
}

function choiceText({ word, inode, place }: TargetChoice): string {
  const facts = [...(word === `inode:${inode}` ? [] : [`namespace ${inode}`]), ...(place === undefined ? [] : [place])]
  return facts.length === 0 ? short(word) : `${short(word)} (${facts.map(short).join(', ')})`
}

/** The namespace was there when the host was surveyed, but cannot be opened now. */
export class TargetGoneError extends TargetError {
  override readonly name = 'TargetGoneError'
  override readonly code = 'TARGET_GONE'
}

/** A word as it appears in a sentence: bounded. */
export function short(word: string): string {
  return word.length <= LONGEST_WORD ? word : `${word.slice(0, LONGEST_WORD - 1)}…`
}

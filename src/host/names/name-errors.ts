/** Why a name in /run/netns cannot be given or taken away. */

/** A name that cannot be handled; the message is one sentence that says what to do. */
export abstract class NameError extends Error {
  /** What callers switch on: `NAME_INVALID`, `NAME_TAKEN`, `NAME_FOREIGN`, `NAME_UNKNOWN`. */
  abstract readonly code: string
}

/** The name cannot stand in /run/netns, or would trap those who use it. */
export class NameInvalidError extends NameError {
  override readonly name = 'NameInvalidError'
  override readonly code = 'NAME_INVALID'
}

/** Something else has that name. */
export class NameTakenError extends NameError {
  override readonly name = 'NameTakenError'
  override readonly code = 'NAME_TAKEN'
}

/** The name was given by somebody else. */
export class NameForeignError extends NameError {
  override readonly name = 'NameForeignError'
  override readonly code = 'NAME_FOREIGN'
}

/** There is no such name. */
export class NameUnknownError extends NameError {
  override readonly name = 'NameUnknownError'
  override readonly code = 'NAME_UNKNOWN'
}

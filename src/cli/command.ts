/**
 * What a command is. Each command is declared once, as data; parsing, `--help`, the man page and shell completion are all
 * made from it, and its code is loaded only when it runs.
 */

/** The four ways a command ends. */
export const ExitCode = {
  /** Done and healthy. */
  done: 0,
  /** Done, and something is wrong: findings, a mismatch, not delivered. */
  wrong: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** It cannot be done: no permission, no such target, the kernel lacks it. */
  cannot: 3,
} as const
/** An exit code; `ns exec` also passes on the code of the program that it ran. */
export type ExitCode = number

/** What completion offers for a value. */
export type Completes = 'target' | 'network' | 'sandbox' | 'file' | 'directory' | 'interface' | readonly string[]

/** A positional argument. */
export interface ArgumentSpec {
  /** As in the synopsis: `TARGET`. */
  readonly name: string
  readonly summary: string
  readonly required: boolean
  readonly variadic?: boolean
  readonly completes?: Completes
}

/** An option. */
export interface OptionSpec {
  /** `--format`; its value arrives under the camel-cased name without dashes. */
  readonly long: string
  /** `-j` */
  readonly short?: string
  /** Placeholder of its value (`FORMAT`); a switch has none. */
  readonly value?: string
  readonly summary: string
  /** Allowed values. */
  readonly choices?: readonly string[]
  readonly completes?: Completes
  readonly repeatable?: boolean
}

/** A command line that works as written, and what it is for. */
export interface ExampleSpec {
  readonly command: string
  readonly explains: string
}

/** Where a command's answer goes. Only `cli/` writes to the terminal. */
export interface Terminal {
  /** The answer, on standard output. Resolves when it is written, so that large answers do not pile up. */
  answer(text: string): Promise<void>
  /** Anything else, on standard error. */
  remark(text: string): void
  /** Standard output is a terminal. */
  readonly interactive: boolean
  /** Colours are wanted: a terminal, and NO_COLOR is not set. */
  readonly colour: boolean
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined
}

/** A command line that was understood. */
export interface Invocation {
  /** By the argument's name as its spec writes it (`TARGET`); a variadic argument is an array, empty when nothing was given. */
  readonly arguments: Readonly<Record<string, string | readonly string[] | undefined>>
  /** By camel-cased name (`--no-owners` is `noOwners`); a switch is true, a repeatable option an array; absent when not given. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT and SIGTERM: streams end tidily and print their summary. */
  readonly signal: AbortSignal
}

/** The code of a command. */
export interface CommandModule {
  run(invocation: Invocation): Promise<ExitCode>
}

/** A command, or a group of commands. */
export interface CommandSpec {
  readonly name: string
  /** One line, for lists. */
  readonly summary: string
  /** Paragraphs, for `--help` and the man page. */
  readonly description?: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  readonly examples: readonly ExampleSpec[]
  readonly commands?: readonly CommandSpec[]
  /** Everything behind `--` goes to the variadic argument untouched (`ns exec TARGET -- COMMAND`). */
  readonly passThrough?: boolean
  /** Left out of help, manual page and completion. */
  readonly hidden?: boolean
  /** Loads its code: `() => import('./map/run.ts')`. A group of commands has none. */
  readonly load?: () => Promise<CommandModule>
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** It cannot be done: exit code 3; the message is one sentence that says what to do. */
export class CannotError extends Error {
  override readonly name = 'CannotError'
}

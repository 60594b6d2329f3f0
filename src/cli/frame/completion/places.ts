/** Where on a command line something can be completed: the tree of commands laid out flat, as shells want it. */
import type { ArgumentSpec, CommandSpec, Completes, OptionSpec } from '../../command.ts'
import { isShown, optionsOf } from '../help.ts'
import type { CommandPath } from '../parse.ts'

/** A command, or a group of them, and what may follow it. */
export interface Place {
  /** Words that lead here, without the program's own: `ns list`; empty for the program itself. */
  readonly words: string
  readonly commands: readonly CommandSpec[]
  readonly options: readonly OptionSpec[]
  readonly arguments: readonly ArgumentSpec[]
  /** Its last argument is another program's command line. */
  readonly passThrough: boolean
}

/** Every place of a program, the program itself first. */
export function placesOf(program: CommandSpec): Place[] {
  return descend([program])
}

function descend(path: CommandPath): Place[] {
  const spec = path[path.length - 1]!
  const commands = (spec.commands ?? []).filter(isShown)
  const place: Place = {
    words: path
      .slice(1)
      .map((command) => command.name)
      .join(' '),
    commands,
    options: optionsOf(path),
    arguments: spec.arguments ?? [],
    passThrough: spec.passThrough === true,
  }
  return [place, ...commands.flatMap((command) => descend([...path, command]))]
}

/** What completion offers for an option's value: what its spec says, else its choices, else nothing. */
export function completesOf(option: OptionSpec): Completes {
  return option.completes ?? option.choices ?? []
}

/** All spellings of an option: `--json`, `-j`. */
export function spellings(option: OptionSpec): string[] {
  return option.short === undefined ? [option.long] : [option.long, option.short]
}

/** Text as a word that bash, zsh and fish take literally: in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

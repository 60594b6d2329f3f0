/**
 * From the words of a command line to what was meant. The specs are the grammar: options stand anywhere behind their
 * command, long or short, `--` ends them. `util.parseArgs` splits the words; every judgement about them is made here.
 */
import { parseArgs } from 'node:util'
import { type ArgumentSpec, type CommandSpec, type Invocation, type OptionSpec, UsageError } from '../command.ts'
import { didYouMean } from './suggest.ts'

/** What a command line asks for. */
export type Understood =
  | { readonly kind: 'version' }
  /** Help for the command at the end of `path`. Not `asked` for when only the name of a group was given. */
  | { readonly kind: 'help'; readonly path: CommandPath; readonly asked: boolean }
  | {
      readonly kind: 'run'
      readonly path: CommandPath
      readonly arguments: Invocation['arguments']
      readonly options: Invocation['options']
    }

/** The program, then the command, then its subcommand. */
export type CommandPath = readonly CommandSpec[]

/** A command line that breaks the rules of its command. */
export class CommandLineError extends UsageError {
  /** The command, as far as it was understood. */
  readonly path: CommandPath

  constructor(path: CommandPath, message: string) {
    super(message)
    this.path = path
  }
}

/** The option that every command has. */
export const helpOption: OptionSpec = { long: '--help', short: '-h', summary: 'Show this help.' }
/** The option that only the program itself has. */
export const versionOption: OptionSpec = { long: '--version', short: '-V', summary: 'Show the version.' }

/** How a command is called: `netwright ns list`. */
export function commandName(path: CommandPath): string {
  return path.map((spec) => spec.name).join(' ')
}

/** The name under which an option's value arrives: `--dry-run` is `dryRun`. */
export function optionKey(option: OptionSpec): string {
  return option.long.replace(/^--/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * Reads a command line (without the program's own name).
 * @throws CommandLineError when it does not fit the specs
 */
export function parseCommandLine(program: CommandSpec, words: readonly string[]): Understood {
  const path: CommandSpec[] = [program]
  let position = 0
  let helpAsked = false
  while (true) {
    const command = path[path.length - 1]!
    if (command.commands === undefined) break
    const word = words[position++]
    if (word === undefined) return { kind: 'help', path, asked: helpAsked }
    if (names(helpOption, word)) helpAsked = true
    else if (path.length === 1 && names(versionOption, word)) return { kind: 'version' }
    else path.push(chooseCommand(path, command.commands, word))
  }
  if (helpAsked) return { kind: 'help', path, asked: true }
  return readWords(path, path[path.length - 1]!, words.slice(position))
}

function names(option: OptionSpec, word: string): boolean {
  return word === option.long || word === option.short
}

function chooseCommand(path: CommandPath, commands: readonly CommandSpec[], word: string): CommandSpec {
  const found = commands.find((command) => command.name === word)
  if (found !== undefined) return found
  if (word.startsWith('-')) throw new CommandLineError(path, `option ${word} must follow a command`)
  const known = commands.filter((command) => command.hidden !== true).map((command) => command.name)
  throw new CommandLineError(
    path,
    `unknown command ${word}${didYouMean(word, known) || `: there are ${known.join(', ')}`}`,
  )
}

function readWords(path: CommandPath, spec: CommandSpec, words: readonly string[]): Understood {
  const options: Record<string, string | boolean | string[]> = {}
  const operands: string[] = []
  for (const token of split(spec, words)) {
    if (token.kind === 'positional' && startsPassThrough(spec, operands)) {
      operands.push(...words.slice(token.index))
      break
    }
    if (token.kind === 'positional') operands.push(token.value)
    else if (token.kind === 'option-terminator') {
      operands.push(...words.slice(token.index + 1))
      break
    } else if (names(helpOption, token.rawName)) return { kind: 'help', path, asked: true }
    else readOption(path, spec, token, options)
  }
  return { kind: 'run', path, arguments: assignArguments(path, spec.arguments ?? [], operands), options }
}

/** True when the next operand is the first word of a command line that is none of our business, options and all. */
function startsPassThrough(spec: CommandSpec, operands: readonly string[]): boolean {
  const own = spec.arguments?.filter((argument) => argument.variadic !== true).length ?? 0
  return spec.passThrough === true && operands.length === own
}

function split(spec: CommandSpec, words: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {}
  for (const option of spec.options ?? []) {
    const type = option.value === undefined ? 'boolean' : 'string'
    options[option.long.slice(2)] = option.short === undefined ? { type } : { type, short: option.short.slice(1) }
  }
  return parseArgs({ args: [...words], options, allowPositionals: true, strict: false, tokens: true }).tokens
}

type OptionToken = Extract<ReturnType<typeof split>[number], { kind: 'option' }>

function readOption(
  path: CommandPath,
  spec: CommandSpec,
  token: OptionToken,
  options: Record<string, string | boolean | string[]>,
): void {
  const option = spec.options?.find((candidate) => names(candidate, token.rawName))
  if (option === undefined) {
    const known = [...(spec.options ?? []), helpOption].map((candidate) => candidate.long)
    throw new CommandLineError(path, `unknown option ${token.rawName}${didYouMean(token.rawName, known)}`)
  }
  const key = optionKey(option)
  if (option.value === undefined) {
    if (token.value !== undefined) throw new CommandLineError(path, `option ${option.long} takes no value`)
    options[key] = true
    return
  }
  const value = optionValue(path, option, token)
  const before = options[key]
  options[key] = option.repeatable === true ? [...(Array.isArray(before) ? before : []), value] : value
}

function optionValue(path: CommandPath, option: OptionSpec, token: OptionToken): string {
  const value = token.value
  // `--format --json`: the value was forgotten. One that does begin with a dash can be given as `--format=-x`.
  const forgotten = value === undefined || (!token.inlineValue && /^-[^\d]/.test(value))
  if (forgotten) throw new CommandLineError(path, `option ${option.long} needs a value: ${option.long} ${option.value}`)
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const hint = didYouMean(value, option.choices) || `: it is one of ${option.choices.join(', ')}`
    throw new CommandLineError(path, `${value} is no ${option.value} for ${option.long}${hint}`)
  }
  return value
}

function assignArguments(
  path: CommandPath,
  specs: readonly ArgumentSpec[],
  operands: readonly string[],
): Record<string, string | readonly string[] | undefined> {
  const values: Record<string, string | readonly string[] | undefined> = {}
  let used = 0
  for (const spec of specs) {
    if (spec.required && used >= operands.length) throw new CommandLineError(path, `argument ${spec.name} is missing`)
    values[spec.name] = spec.variadic === true ? operands.slice(used) : operands[used]
    used = spec.variadic === true ? operands.length : used + 1
  }
  if (used < operands.length) throw new CommandLineError(path, `unexpected argument ${operands[used]}`)
  return values
}

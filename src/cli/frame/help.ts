/** The text of `--help`, from a command's spec. */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts'
import { exitStatus, targetForms } from './conventions.ts'
import { type CommandPath, commandName, helpOption, versionOption } from './parse.ts'
import { columnsOf, padded, wrapped } from './text.ts'

/** Lines longer than this are hard to read, however wide the terminal is. */
const widest = 100
const indent = 2

/** Help for the command at the end of `path`, for a terminal of so many columns (80 when it is none). */
export function helpText(path: CommandPath, columns = 80): string {
  const width = Math.min(Math.max(columns, 40), widest)
  const spec = path[path.length - 1]!
  const sections = [
    `${commandName(path)}: ${spec.summary}`,
    `Usage: ${synopsis(path)}`,
    wrapped(spec.description ?? '', width),
    section(
      'Commands',
      (spec.commands ?? []).filter(isShown).map((command) => [command.name, command.summary]),
      width,
    ),
    section(
      'Arguments',
      (spec.arguments ?? []).map((argument) => [argument.name, argument.summary]),
      width,
    ),
    section('Targets', takesTarget(spec) ? targetForms : [], width),
    section(
      'Options',
      optionsOf(path).map((option) => [optionForm(option), optionMeaning(option)]),
      width,
    ),
    examples(spec, width),
    section('Exit status', exitStatus, width),
    spec.commands === undefined ? '' : `More about a command: ${commandName(path)} COMMAND --help`,
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

/** The usage line: `netwright ns exec [OPTION…] TARGET [--] COMMAND…`. */
export function synopsis(path: CommandPath): string {
  const spec = path[path.length - 1]!
  if (spec.commands !== undefined) return `${commandName(path)} COMMAND …`
  const parts = [commandName(path)]
  if ((spec.options ?? []).length > 0) parts.push('[OPTION…]')
  for (const argument of spec.arguments ?? []) {
    if (spec.passThrough === true && argument.variadic === true) parts.push('[--]')
    parts.push(argumentForm(argument))
  }
  return parts.join(' ')
}

/** All options of the command at the end of `path`, those that every command has last. */
export function optionsOf(path: CommandPath): OptionSpec[] {
  const own = path[path.length - 1]!.options ?? []
  return path.length === 1 ? [...own, helpOption, versionOption] : [...own, helpOption]
}

/** `-f, --format FORMAT`, with room for the short form kept where there is none. */
export function optionForm(option: OptionSpec): string {
  const short = option.short === undefined ? '    ' : `${option.short}, `
  return option.value === undefined ? short + option.long : `${short}${option.long} ${option.value}`
}

/** What an option does, its allowed values named. */
export function optionMeaning(option: OptionSpec): string {
  const choices = option.choices === undefined ? '' : ` One of: ${option.choices.join(', ')}.`
  return `${option.summary}${choices}${option.repeatable === true ? ' May be given more than once.' : ''}`
}

/** True when one of a command's arguments or options is a target. */
export function takesTarget(spec: CommandSpec): boolean {
  return [...(spec.arguments ?? []), ...(spec.options ?? [])].some((value) => value.completes === 'target')
}

/** False for commands that are left out of help. */
export function isShown(spec: CommandSpec): boolean {
  return spec.hidden !== true
}

function argumentForm(argument: ArgumentSpec): string {
  const form = argument.variadic === true ? `${argument.name}…` : argument.name
  return argument.required ? form : `[${form}]`
}

function section(title: string, entries: readonly (readonly [string, string])[], width: number): string {
  if (entries.length === 0) return ''
  const left = Math.min(Math.max(...entries.map(([term]) => columnsOf(term))), 30) + 2 * indent
  return [`${title}:`, ...entries.map(([term, meaning]) => entry(term, meaning, left, width))].join('\n')
}

/** A term and its meaning beside it; below it when the term is too long for the column. */
function entry(term: string, meaning: string, left: number, width: number): string {
  const head = ' '.repeat(indent) + term
  const body = wrapped(meaning, width, left)
  if (columnsOf(head) + indent > left) return `${head}\n${body}`
  return padded(head, left) + body.slice(left)
}

function examples(spec: CommandSpec, width: number): string {
  if (spec.examples.length === 0) return ''
  const lines = spec.examples.map(({ command, explains }) => `  ${command}\n${wrapped(explains, width, 3 * indent)}`)
  return ['Examples:', ...lines].join('\n')
}

/** The manual page netwright(1), made from the specs of all commands. */
import type { CommandSpec } from '../command.ts'
import { environmentVariables, exitStatus, files, type Term, targetForms } from './conventions.ts'
import { isShown, optionForm, optionMeaning, optionsOf, synopsis } from './help.ts'
import { type CommandPath, commandName } from './parse.ts'
import { roffItem, roffMacro, roffParagraphs, roffText } from './roff.ts'

const seeAlso = 'ip-netns(8), ip-link(8), bridge(8), nsenter(1), lsns(8), network_namespaces(7), veth(4)'

/**
 * The page's source, for man(7) macros.
 * @param released year, month and day, shown in the footer: `2026-01-31`
 */
export function manualPage(program: CommandSpec, version: string, released: string): string {
  const sections = [
    // mandoc reads a date only when its hyphens are plain.
    `.TH "${program.name.toUpperCase()}" "1" "${released}" "${program.name} ${version}" "User Commands"`,
    section('NAME', `${roffText(program.name)} \\- ${roffText(program.summary)}`),
    section('SYNOPSIS', leaves([program]).map(synopsisLines).join('\n.br\n')),
    section('DESCRIPTION', roffParagraphs(program.description ?? '')),
    section('COMMANDS', leaves([program]).map(commandSection).join('\n')),
    section('TARGETS', items(targetForms)),
    section('EXIT STATUS', items(exitStatus)),
    section('ENVIRONMENT', items(environmentVariables)),
    section('FILES', items(files)),
    section('EXAMPLES', examples(program)),
    section('SEE ALSO', roffText(seeAlso)),
  ]
  return `${sections.join('\n')}\n`
}

/** Every command that does something, with the commands that lead to it. */
function leaves(path: CommandPath): CommandPath[] {
  const spec = path[path.length - 1]!
  if (spec.commands === undefined) return [path]
  return spec.commands.filter(isShown).flatMap((command) => leaves([...path, command]))
}

function section(title: string, body: string): string {
  return `${roffMacro('SH', title)}\n${body}`
}

function items(terms: readonly Term[]): string {
  return terms.map(([term, meaning]) => roffItem(term, meaning)).join('\n')
}

function synopsisLines(path: CommandPath): string {
  const name = commandName(path)
  return `${roffMacro('B', name)}\n${roffText(synopsis(path).slice(name.length).trim())}`.trimEnd()
}

function commandSection(path: CommandPath): string {
  const spec = path[path.length - 1]!
  const parts = [
    roffMacro('SS', synopsis(path)),
    roffParagraphs(spec.description ?? spec.summary),
    ...(spec.arguments ?? []).map((argument) => roffItem(argument.name, argument.summary)),
    ...optionsOf(path).map((option) => roffItem(optionForm(option).trim(), optionMeaning(option))),
    ...(spec.examples.length === 0 ? [] : ['.PP', 'Examples:', examples(spec)]),
  ]
  return parts.join('\n')
}

function examples(spec: CommandSpec): string {
  return spec.examples.map(({ command, explains }) => roffItem(command, explains)).join('\n')
}

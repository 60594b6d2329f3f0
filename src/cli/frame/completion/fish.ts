/** Completion for fish. */
import type { ArgumentSpec, CommandSpec, Completes, OptionSpec } from '../../command.ts'
import { completesOf, type Place, placesOf, quoted, spellings } from './places.ts'

/** The script: `netwright completion fish | source`. */
export function fishCompletion(program: CommandSpec): string {
  const places = placesOf(program)
  const steps = places.flatMap((place) => place.commands.map((command) => quoted(`${place.words} ${command.name}`)))
  return `# fish completion for ${program.name}: ${program.name} completion fish | source
function __${program.name}_at --argument-names wanted position --description 'True at this command, at its operand of this number'
    set -l place ''
    set -l operands 0
    set -l value ''
    for word in (commandline --tokenize --cut-at-cursor --current-process)[2..-1]
        if test -n "$value"
            set value ''
            continue
        end
        switch "$place $word"
            case ${steps.join(' ')}
                set place (string trim -- "$place $word")
            case ${valueOptions(places).join(' ')}
                set value $word
            case '* -*'
            case '*'
                set operands (math $operands + 1)
        end
    end
    test "$place" = "$wanted"; or return 1
    test -z "$position"; or test "$position" = "$operands"; or test "$position" = any
end

function __${program.name}_words --argument-names kind --description 'What of this kind is there now'
    set -l program (commandline --tokenize --cut-at-cursor --current-process)[1]
    $program __complete $kind 2>/dev/null
end

complete -c ${program.name} -f
${places.flatMap((place) => completions(program.name, place)).join('\n')}
`
}

/** Options whose next word is their value, with the place where they are known. */
function valueOptions(places: readonly Place[]): string[] {
  return places.flatMap((place) =>
    place.options
      .filter((option) => option.value !== undefined)
      .flatMap((option) => spellings(option).map((spelling) => quoted(`${place.words} ${spelling}`))),
  )
}

function completions(program: string, place: Place): string[] {
  const at = (position: string) =>
    `complete -c ${program} -n ${quoted(`__${program}_at "${place.words}" ${position}`.trim())}`
  return [
    ...place.commands.map((command) => `${at('0')} -a ${command.name} -d ${quoted(command.summary)}`),
    ...place.options.map((option) => `${at('')} ${optionWords(program, option)} -d ${quoted(option.summary)}`),
    ...place.arguments.flatMap((argument, position) => {
      const offer =
        place.passThrough && argument.variadic === true
          ? '-a "(__fish_complete_command)"'
          : offerOf(program, argument.completes)
      return offer === '' ? [] : [`${at(positionOf(argument, position, place))} ${offer} -d ${quoted(argument.name)}`]
    }),
  ]
}

function positionOf(argument: ArgumentSpec, position: number, place: Place): string {
  return argument.variadic === true && !place.passThrough ? 'any' : String(position)
}

function optionWords(program: string, option: OptionSpec): string {
  const names =
    option.short === undefined ? `-l ${option.long.slice(2)}` : `-s ${option.short.slice(1)} -l ${option.long.slice(2)}`
  if (option.value === undefined) return names
  const completes = completesOf(option)
  return `${names} ${completes === 'file' ? '-r' : '-x'} ${offerOf(program, completes)}`.trimEnd()
}

function offerOf(program: string, completes: Completes = []): string {
  switch (completes) {
    case 'target':
      return `-a "(__${program}_words targets)"`
    case 'network':
      return `-a "(__${program}_words networks)"`
    case 'sandbox':
      return `-a "(__${program}_words sandboxes)"`
    case 'file':
      return '-F'
    case 'directory':
      return '-a "(__fish_complete_directories (commandline -ct))"'
    case 'interface':
      return '-a "(__fish_print_interfaces)"'
    default:
      return completes.length === 0 ? '' : `-a ${quoted(completes.join(' '))}`
  }
}

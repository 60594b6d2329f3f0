/** Completion for zsh. */
import type { ArgumentSpec, CommandSpec, Completes, OptionSpec } from '../../command.ts'
import { completesOf, type Place, placesOf, spellings } from './places.ts'

/** The script: as `_netwright` in a directory of `fpath`, or `source <(netwright completion zsh)`. */
export function zshCompletion(program: CommandSpec): string {
  const { name } = program
  return `#compdef ${name}
# zsh completion for ${name}: source <(${name} completion zsh)
_${name}_words() {
  local -a found
  found=(\${(f)"$($_${name}_program __complete $1 2>/dev/null)"})
  compadd -a found
}

${placesOf(program)
  .map((place) => placeFunction(name, place))
  .join('\n\n')}

# Loaded as a function of fpath, this file is itself the first call.
if [[ $funcstack[1] == _${name} ]]; then _${name}; else compdef _${name} ${name}; fi
`
}

function placeFunction(program: string, place: Place): string {
  return place.commands.length > 0 ? groupFunction(program, place) : commandFunction(program, place)
}

function functionName(program: string, words: string): string {
  return `_${[program, ...words.split(' ')].filter((word) => word !== '').join('_')}`
}

function groupFunction(program: string, place: Place): string {
  const described = place.commands.map((command) => quote(`${escapeColons(command.name)}:${command.summary}`))
  const branches = place.commands.map(
    (command) => `        ${command.name}) ${functionName(program, `${place.words} ${command.name}`)} ;;`,
  )
  const remember = place.words === '' ? `\n  local _${program}_program=$words[1]` : ''
  return `${functionName(program, place.words)}() {${remember}
  local state line
  local -a commands
  commands=(${described.join(' ')})
  _arguments -C ${place.options.flatMap((option) => optionWords(program, option)).join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${branches.join('\n')}
      esac ;;
  esac
}`
}

function commandFunction(program: string, place: Place): string {
  const words = [
    ...place.options.flatMap((option) => optionWords(program, option)),
    ...place.arguments.map((argument, position) => argumentWord(program, argument, position, place)),
  ]
  return `${functionName(program, place.words)}() {
  _arguments -s -S ${words.join(' ')}
}`
}

function argumentWord(program: string, argument: ArgumentSpec, position: number, place: Place): string {
  if (argument.variadic !== true)
    return quote(`${position + 1}:${argument.name}:${actionOf(program, argument.completes)}`)
  // Three colons: what it covers is a command line of its own.
  return place.passThrough
    ? quote(`*:::${argument.name}:_normal`)
    : quote(`*:${argument.name}:${actionOf(program, argument.completes)}`)
}

function optionWords(program: string, option: OptionSpec): string[] {
  const names = spellings(option)
  const excluded = option.repeatable === true ? '*' : `(${names.join(' ')})`
  const explained = `[${escapeColons(option.summary).replace(/[[\]]/g, '\\$&')}]`
  const value = option.value === undefined ? '' : `:${option.value}:${actionOf(program, completesOf(option))}`
  return names.map((name) =>
    quote(`${excluded}${name}${value !== '' && name.startsWith('--') ? '=' : ''}${explained}${value}`),
  )
}

function actionOf(program: string, completes: Completes = []): string {
  switch (completes) {
    case 'target':
      return `{_${program}_words targets}`
    case 'network':
      return `{_${program}_words networks}`
    case 'sandbox':
      return `{_${program}_words sandboxes}`
    case 'file':
      return '_files'
    case 'directory':
      return '_files -/'
    case 'interface':
      return '_net_interfaces'
    default:
      return completes.length === 0 ? ' ' : `(${completes.join(' ')})`
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function escapeColons(text: string): string {
  return text.replaceAll(':', '\\:')
}

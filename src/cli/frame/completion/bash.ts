/** Completion for bash, without the package bash-completion. */
import type { CommandSpec, Completes } from '../../command.ts'
import { completesOf, type Place, placesOf, spellings } from './places.ts'

/** The script: `source <(netwright completion bash)`. */
export function bashCompletion(program: CommandSpec): string {
  const places = placesOf(program)
  return `# bash completion for ${program.name}: source <(${program.name} completion bash)
_${program.name}() {
  # Words are split here, because bash splits them at the colons of targets too.
  local line=\${COMP_LINE:0:COMP_POINT} word current= previous= place= offer= value= rest=
  local -a words
  local -i operands=0
  read -ra words <<<"$line"
  case $line in *[[:blank:]]) ;; *) current=\${words[-1]}; unset 'words[-1]' ;; esac
  for word in "\${words[@]:1}"; do
    if [[ -n $value ]]; then value=; continue; fi
    case "$place $word" in
${indent(4, descents(places))}
${indent(4, valueOptions(places, 'value=$word'))}
      *' --') rest=yes ;;
      *' -'*) ;;
      *) operands+=1 ;;
    esac
  done
  case $current in --*=*) value=\${current%%=*} ;; esac
  if [[ -n $value ]]; then
    case "$place $value" in
${indent(4, optionOffers(places))}
    esac
  elif [[ $current == -* && -z $rest ]]; then
    case $place in
${indent(
  4,
  places.map((place) => `${word(place.words)}) offer=${word(place.options.flatMap(spellings).join(' '))} ;;`),
)}
    esac
  else
    case "$place $operands" in
${indent(4, operandOffers(places))}
    esac
  fi
  local wanted=$current
  case $current in --*=*) wanted=\${current#*=} ;; esac
  case $offer in
    @target) offer=$("$1" __complete targets 2>/dev/null) ;;
    @network) offer=$("$1" __complete networks 2>/dev/null) ;;
    @sandbox) offer=$("$1" __complete sandboxes 2>/dev/null) ;;
    @interface) offer=$(cd /sys/class/net && echo *) ;;
  esac
  case $offer in
    @command) mapfile -t COMPREPLY < <(compgen -c -- "$wanted") ;;
    @file) mapfile -t COMPREPLY < <(compgen -f -- "$wanted") ;;
    @directory) mapfile -t COMPREPLY < <(compgen -d -- "$wanted") ;;
    # Not compgen -W, which expands its words: a namespace's name is no code.
    *) while read -r word; do
        [[ -n $word && $word == "$wanted"* ]] && COMPREPLY+=("$word")
      done <<<"\${offer// /$'\n'}" ;;
  esac
  # Bash replaces only what stands behind the last word break of the current word.
  local shown=\${wanted%"\${wanted##*:}"}
  [[ $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"$shown"}")
  case $offer in @file | @directory) compopt -o filenames ;; esac
}
complete -F _${program.name} ${program.name}
`
}

function word(text: string): string {
  return `'${text}'`
}

function indent(columns: number, lines: readonly string[]): string {
  return lines.map((line) => ' '.repeat(columns + 2) + line).join('\n')
}

/** Words that lead to a deeper place. */
function descents(places: readonly Place[]): string[] {
  const steps = places.flatMap((place) => place.commands.map((command) => [place.words, command.name] as const))
  return steps.map(([from, name]) => `${word(`${from} ${name}`)}) place=${word(`${from} ${name}`.trim())} ;;`)
}

function valueOptions(places: readonly Place[], action: string): string[] {
  return places.flatMap((place) => {
    const words = place.options.filter((option) => option.value !== undefined).flatMap(spellings)
    return words.length === 0
      ? []
      : [`${words.map((name) => word(`${place.words} ${name}`)).join(' | ')}) ${action} ;;`]
  })
}

function optionOffers(places: readonly Place[]): string[] {
  return places.flatMap((place) =>
    place.options
      .filter((option) => option.value !== undefined)
      .map((option) => {
        const names = spellings(option).map((name) => word(`${place.words} ${name}`))
        return `${names.join(' | ')}) offer=${word(offerOf(completesOf(option)))} ;;`
      }),
  )
}

function operandOffers(places: readonly Place[]): string[] {
  return places.flatMap((place) => {
    if (place.commands.length > 0) {
      const names = place.commands.map((command) => command.name)
      return [`${word(`${place.words} 0`)}) offer=${word(names.join(' '))} ;;`]
    }
    return place.arguments.map((argument, position) => {
      const offer = argument.variadic === true && place.passThrough ? '@command' : offerOf(argument.completes ?? [])
      const variadic = argument.variadic === true ? '*' : ''
      return variadic === '' || place.passThrough
        ? `${word(`${place.words} ${position}`)}) offer=${word(offer)} ;;`
        : `${word(`${place.words} `)}*) offer=${word(offer)} ;;`
    })
  })
}

function offerOf(completes: Completes): string {
  return typeof completes === 'string' ? `@${completes}` : completes.join(' ')
}

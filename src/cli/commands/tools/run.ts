/** `netwright tools [NAME…]` */
import { type FoundTool, findTools } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { didYouMean } from '../../frame/suggest.ts'
import { table } from '../../frame/table.ts'
import { painter } from '../../frame/terminal.ts'
import { oneText, texts } from '../engine/key-values.ts'

/** Runs the command. */
export async function run({ arguments: words, options, environment, terminal }: Invocation): Promise<ExitCode> {
  if (options['missing'] === true && options['installed'] === true)
    throw new UsageError('--missing and --installed exclude each other')
  const list = findTools(environment['PATH'])
  const names = texts(words['NAME'])
  const tools = chosen(list.tools, names).filter(
    ({ path }) => (options['missing'] !== true || path === null) && (options['installed'] !== true || path !== null),
  )
  const target = oneText(options['target']) ?? 'TARGET'
  if (options['json'] === true) await answerDocument(terminal, { ...list, tools })
  else if (names.length > 0) await terminal.answer(tools.map((tool) => page(tool, target)).join('\n'))
  else await terminal.answer(overview(tools, painter(terminal)))
  return names.length > 0 && tools.some(({ path }) => path === null) ? ExitCode.wrong : ExitCode.done
}

/** @throws UsageError for a tool that is not known */
function chosen(tools: readonly FoundTool[], names: readonly string[]): readonly FoundTool[] {
  if (names.length === 0) return tools
  return names.map((name) => {
    const found = tools.find((tool) => tool.name === name)
    if (found !== undefined) return found
    const known = tools.map((tool) => tool.name)
    throw new UsageError(`${printable(name, 60)} is not among the tools that are known here${didYouMean(name, known)}`)
  })
}

function overview(tools: readonly FoundTool[], paint: ReturnType<typeof painter>): string {
  const rows = tools.map(({ name, path, purpose, here }) => [
    path === null ? paint('dim', '-') : paint('green', '+'),
    name,
    purpose,
    here ?? '',
  ])
  return table(rows, { titles: ['', 'TOOL', 'FOR', 'HERE'] })
}

function page({ name, purpose, path, package: package_, here, inside }: FoundTool, target: string): string {
  const install =
    package_ === null ? 'not on this host' : `not on this host; Debian and Ubuntu: apt install ${package_}`
  const rows = [
    ['for', purpose],
    ['at', path === null ? install : printable(path)],
    ...(here === null ? [] : [['here', here.replaceAll('TARGET', printable(target))]]),
    ...(inside === null ? [] : [['inside', `netwright ns exec ${printable(target)} -- ${inside}`]]),
  ]
  return `${name}\n${table(rows, { indent: 2 })}`
}

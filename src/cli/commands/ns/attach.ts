/** `netwright ns attach TARGET [NAME]` */
import { attachName, NameRecords, stateDirectory, takeGraph } from '../../../host/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { namedTarget } from './named-target.ts'

/** Runs the command. */
export async function run({ arguments: given, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const graph = await takeGraph({ environment })
  const target = namedTarget(given['TARGET'], graph, terminal)
  const name = typeof given['NAME'] === 'string' ? given['NAME'] : undefined
  const attachment = attachName(target, name, { graph, records: new NameRecords(stateDirectory(environment)) })
  if (options['json'] === true) {
    await answerDocument(terminal, { schema: 'netwright/attachment/v1', ...attachment })
    return ExitCode.done
  }
  const leads = attachment.changed ? 'leads to' : 'led already to'
  const label = printable(attachment.target)
  await terminal.answer(
    `${attachment.name} ${leads} ${label} (namespace ${attachment.inode}); try: ip netns exec ${attachment.name} ip addr\n`,
  )
  return ExitCode.done
}

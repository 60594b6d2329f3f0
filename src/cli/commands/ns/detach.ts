/** `netwright ns detach NAME` */
import { detachName, NameRecords, stateDirectory } from '../../../host/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'

/** Runs the command. */
export async function run({ arguments: given, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const name = String(given['NAME'])
  detachName(name, options['force'] === true, new NameRecords(stateDirectory(environment)))
  await terminal.answer(`${name} is no longer a name of a namespace\n`)
  return ExitCode.done
}

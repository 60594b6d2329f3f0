/** `netwright network connect NETWORK SANDBOX` */
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { answerDocument } from '../../frame/json.ts'
import { readEndpointOptions } from '../engine/endpoint-options.ts'
import { portsText } from '../engine/endpoint-text.ts'
import { ifGiven, oneText } from '../engine/key-values.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, arguments: words } = invocation
  const spec = {
    ...readEndpointOptions(options),
    ...ifGiven('name', oneText(options['name'])),
    ...ifGiven('priority', readPriority(options['priority'])),
    sandbox: String(words['SANDBOX']),
  }
  const endpoint = await withProgress(invocation, 'connecting', (operations) =>
    operations.connect(String(words['NETWORK']), spec),
  )
  if (options['json'] === true) {
    await answerDocument(terminal, { schema: 'netwright/endpoint/v1', ...endpoint })
  } else {
    const facts = [endpoint.interfaceName, ...endpoint.addresses, portsText(endpoint)].filter(Boolean)
    await terminal.answer(`${facts.join(' ')}\n`)
  }
  return ExitCode.done
}

function readPriority(word: unknown): number | undefined {
  const text = oneText(word)
  if (text === undefined) return undefined
  if (!/^-?\d{1,9}$/.test(text)) throw new UsageError(`--priority ${text} is not a whole number`)
  return Number(text)
}

/** `netwright watch` */
import { type Change, HostWatch, takeGraph } from '../../../host/index.ts'
import { CannotError, ExitCode, type Invocation } from '../../command.ts'
import { namedTarget } from '../ns/named-target.ts'
import { AboutTarget } from './about-target.ts'
import { changePrinter } from './line.ts'

/** Runs the command until it is interrupted. */
export async function run({ arguments: words, options, terminal, environment, signal }: Invocation): Promise<ExitCode> {
  const target = words['TARGET']
  const about = typeof target === 'string' ? await aboutTarget(target, environment, terminal) : undefined
  const watch = await openWatch(environment)
  const stop = (): void => watch.close()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const only = new Set(options['only'] as readonly string[] | undefined)
  const json = options['json'] === true
  const everything = json || options['all'] === true
  const wanted = (change: Change): boolean =>
    change.object === 'watch' || ((only.size === 0 || only.has(change.object)) && (everything || !isByTheWay(change)))
  const print = changePrinter(terminal)
  try {
    for await (const changes of watch) {
      const shown = (about?.pick(changes) ?? changes).filter(wanted)
      const lines = shown.map((change) => (json ? JSON.stringify(change) : print(change)))
      if (lines.length > 0) await terminal.answer(`${lines.join('\n')}\n`)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return ExitCode.done
}

/** What a namespace brings along or takes with it and nobody needs a line for. */
function isByTheWay(change: Change): boolean {
  return change.implied && change.object !== 'link' && change.object !== 'address'
}

async function aboutTarget(
  word: string,
  environment: Invocation['environment'],
  terminal: Invocation['terminal'],
): Promise<AboutTarget> {
  const { inode, node } = namedTarget(word, await takeGraph({ environment }), terminal)
  return new AboutTarget({ inode, names: node.names, owners: node.owners })
}

async function openWatch(environment: Invocation['environment']): Promise<HostWatch> {
  try {
    return await HostWatch.open({ environment })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') {
      throw new CannotError(`watching the namespaces of this host needs root (${error.message}); run it with sudo`)
    }
    throw error
  }
}

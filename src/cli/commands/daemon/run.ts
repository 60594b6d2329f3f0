/** `netwright daemon` */
import { readFileSync } from 'node:fs'
import {
  type DaemonSettings,
  directoriesOf,
  isLogLevel,
  parseTcpAddress,
  parseToken,
  socketPath,
  startDaemon,
} from '../../../daemon/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { version } from '../../version.ts'
import { oneText } from '../engine/key-values.ts'
import { isRefusal } from '../engine/with-operations.ts'

/** Runs the command until it is told to stop. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { signal } = invocation
  if (process.getuid?.() !== 0) throw new CannotError('networks and namespaces are made by root; run it with sudo')
  const daemon = await start(readSettings(invocation))
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await daemon.stop()
  return ExitCode.done
}

async function start(settings: DaemonSettings): ReturnType<typeof startDaemon> {
  try {
    return await startDaemon(settings)
  } catch (error) {
    throw isRefusal(error) ? new CannotError(error.message) : error
  }
}

function readSettings({ options, environment }: Invocation): DaemonSettings {
  const { state, run } = directoriesOf(environment)
  const level = oneText(options['logLevel']) ?? 'info'
  if (!isLogLevel(level)) throw new UsageError(`${level} is no LEVEL for --log-level`)
  return {
    state,
    run,
    socket: oneText(options['socket']) ?? socketPath(run),
    tcp: readTcp(options),
    dockerPlugin: dockerPlugin(oneText(options['dockerPlugin']), environment),
    logLevel: level,
    environment,
    version: version(),
  }
}

function readTcp(options: Invocation['options']): DaemonSettings['tcp'] {
  const address = oneText(options['tcp'])
  const file = oneText(options['tokenFile'])
  if (address === undefined && file === undefined) return null
  if (address === undefined) throw new UsageError('--token-file is for --tcp, which is missing')
  if (file === undefined) throw new UsageError('--tcp needs --token-file: nobody may ask over TCP without a token')
  try {
    return { address: parseTcpAddress(address), token: parseToken(readFileSync(file, 'utf8')) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(
      /HOST:PORT/.test(error.message) ? `--tcp ${error.message}` : `--token-file ${file}: ${error.message}`,
    )
  }
}

/** Daemons in directories of their own are for themselves: they do not compete for the one place that dockerd looks at. */
function dockerPlugin(word: string | undefined, environment: Invocation['environment']): string | null {
  if (word !== undefined) return word === 'none' ? null : word
  return environment['NETWRIGHT_RUN'] ? null : 'usual'
}

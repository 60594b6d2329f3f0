/** `netwright support [-o FILE] [--json]` */
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { collectSupport, type SupportIndex, tarArchive } from '../../../diagnose/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { version } from '../../version.ts'

const STDOUT = '-'
const STDOUT_DESCRIPTOR = 1
/** Whoever may read the archive knows the network: its owner decides who that is. */
const PRIVATE = 0o600

/** Runs the command. */
export async function run({ options, terminal, environment }: Invocation): Promise<ExitCode> {
  const wanted = options['output']
  if (wanted === STDOUT && options['json'] === true)
    throw new UsageError('-o - and --json both want standard output; name a file')
  if (wanted === STDOUT && terminal.interactive)
    throw new UsageError('an archive is nothing to look at; send it into a file or a pipe')
  const { index, files } = await collectSupport({ environment, version: version() })
  const archive = gzipSync(tarArchive(files, Date.parse(index.takenAt)))
  const path = typeof wanted === 'string' ? wanted : usualName(index)
  write(path, archive)
  if (index.missing.length > 0)
    terminal.remark(`netwright: ${index.missing.length} things are not in it; index.json says which, and why`)
  if (path === STDOUT) return ExitCode.done
  if (options['json'] === true) await answerDocument(terminal, index)
  else
    await terminal.answer(
      `${printable(path, 4096)}: ${files.length} files, ${Math.ceil(archive.length / 1024)} KiB. Look through it before you give it to others.\n`,
    )
  return ExitCode.done
}

function usualName({ host, takenAt }: SupportIndex): string {
  const name = host.replace(/[^A-Za-z0-9._-]/g, '_') || 'host'
  return `netwright-support-${name}-${takenAt.replace(/[^0-9]/g, '').slice(0, 14)}.tar.gz`
}

/** @throws CannotError when the file cannot be written */
function write(path: string, archive: Buffer): void {
  try {
    writeFileSync(path === STDOUT ? STDOUT_DESCRIPTOR : path, archive, { mode: PRIVATE })
  } catch (error) {
    if (path === STDOUT && error instanceof Error && 'code' in error && error.code === 'EPIPE') return
    throw new CannotError(
      `${printable(path)} cannot be written: ${error instanceof Error ? error.message : String(error)}; name another file with -o`,
    )
  }
}

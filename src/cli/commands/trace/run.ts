/** Runs `netwright trace`. */
import {
  QuestionError,
  readIntent,
  SceneError,
  type TraceDocument,
  type TraceOptions,
  takeScene,
  trace,
  WhatIfError,
} from '../../../diagnose/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { isAsciiLocale } from '../map/draw-outline.ts'
import { checkExpectations } from './check-expectations.ts'
import { readExpected, readFlowOptions, readSendingOptions } from './read-options.ts'
import { traceText } from './trace-text.ts'

/** Columns where no terminal says otherwise, and the fewest that are used. */
const USUAL_COLUMNS = 80
const FEWEST_COLUMNS = 40

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation
  const flow = readFlowOptions(options)
  const sending = readSendingOptions(options)
  const expected = readExpected(options)
  if (typeof options['all'] === 'string') {
    refuseBeside(invocation)
    return checkExpectations(options['all'], { ...sending, ...sources(invocation) }, invocation)
  }
  const { FROM: from, TO: to } = invocation.arguments
  if (typeof from !== 'string') throw new UsageError('argument FROM is missing')
  if (typeof to !== 'string') throw new UsageError('argument TO is missing')
  const document = await understood(trace({ from, to, ...flow }, { ...sending, ...sources(invocation) }))
  await answer(document, invocation)
  const isMet =
    expected === undefined
      ? document.verdict === 'delivered'
      : (document.verdict === 'delivered') === (expected === 'delivered')
  return isMet ? ExitCode.done : ExitCode.wrong
}

/** What cannot be asked or supposed is a fault of the command line. */
async function understood<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof QuestionError || error instanceof WhatIfError) throw new UsageError(error.message)
    if (error instanceof SceneError) throw new CannotError(error.message)
    throw error
  }
}

/** Where a trace gets what it looks at. */
function sources({ environment, signal }: Invocation): Pick<TraceOptions, 'takeScene' | 'readIntent' | 'signal'> {
  return {
    signal,
    takeScene: () => takeScene({ environment }),
    readIntent: ({ graph }) => readIntent(graph, { environment }),
  }
}

function refuseBeside({ arguments: { FROM }, options }: Invocation): void {
  if (FROM !== undefined) throw new UsageError('--all takes its flows from the file, and none beside it')
  const other = ['tcp', 'udp', 'icmp', 'ipv4', 'ipv6', 'source', 'sourcePort', 'expect'].find(
    (name) => options[name] !== undefined,
  )
  if (other !== undefined) throw new UsageError(`--all takes its flows from the file: give ${other} there`)
}

async function answer(document: TraceDocument, { options, terminal, environment }: Invocation): Promise<void> {
  if (options['json'] === true) return answerDocument(terminal, document)
  const columns = Math.max(terminal.columns ?? USUAL_COLUMNS, FEWEST_COLUMNS)
  await terminal.answer(traceText(document, { columns, ascii: isAsciiLocale(environment), paint: painter(terminal) }))
}

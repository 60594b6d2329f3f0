/** `netwright doctor [TARGET] [--fix [CODE…]] [--dry-run] [--only CODES] [--probe] [--json]` */
import {
  examine,
  FINDING_CODES,
  type Finding,
  type FindingCode,
  type FindingsDocument,
  readIntent,
  takeScene,
} from '../../../diagnose/index.ts'
import type { Graph, NamespaceNode } from '../../../host/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { didYouMean } from '../../frame/suggest.ts'
import { painter } from '../../frame/terminal.ts'
import { namedTarget } from '../ns/named-target.ts'
import { findingsPage } from './findings-text.ts'
import { mend } from './mend.ts'
import { planText, repairsText } from './repairs-text.ts'

/** Columns of a page that goes nowhere in particular. */
const USUAL_COLUMNS = 80
/** Lines longer than this are hard to read. */
const MOST_COLUMNS = 100

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal } = invocation
  const asked = readWords(invocation)
  const document = await examineHost(invocation, asked)
  const style = { paint: painter(terminal), columns: Math.min(terminal.columns ?? USUAL_COLUMNS, MOST_COLUMNS) }
  const json = options['json'] === true
  if (options['fix'] !== true) {
    if (json) await answerDocument(terminal, document)
    else await terminal.answer(findingsPage(document, style))
    tellWarnings(document, terminal, json)
    return exitCodeFor(document.findings)
  }
  const mended = await mend(document, {
    named: asked.mend,
    dryRun: options['dryRun'] === true,
    examine: () => examineHost(invocation, asked),
    announce: (planned) => (json ? undefined : terminal.answer(planText(planned, style))),
  })
  if (json) await answerDocument(terminal, { ...mended.document, repairs: mended.repairs })
  else await terminal.answer(repairsText(mended, style))
  tellWarnings(mended.document, terminal, json)
  return exitCodeFor(mended.document.findings)
}

/** A document has its warnings in it. */
function tellWarnings({ warnings }: FindingsDocument, terminal: Invocation['terminal'], json: boolean): void {
  if (json) return
  for (const warning of warnings) terminal.remark(`netwright: ${printable(warning, 500)}`)
}

/** 1 when something is wrong; remarks are not. */
function exitCodeFor(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity !== 'info') ? ExitCode.wrong : ExitCode.done
}

interface Asked {
  readonly target: string | undefined
  /** Codes behind --fix. */
  readonly mend: readonly FindingCode[]
  readonly only: readonly FindingCode[] | undefined
}

/** With --fix, a word that is a code is one; a namespace of that name is `ns:CODE`. */
function readWords({ arguments: given, options }: Invocation): Asked {
  const words = [given['TARGET'], ...((given['CODE'] as readonly string[] | undefined) ?? [])].filter(
    (word) => typeof word === 'string',
  )
  const mend = options['fix'] === true ? words.filter(isCode) : []
  const [target, ...rest] = options['fix'] === true ? words.filter((word) => !isCode(word)) : words
  if (rest.length > 0) {
    throw new UsageError(
      options['fix'] === true ? unknownCode(rest[0]!) : `doctor takes one TARGET, but ${rest[0]} is another`,
    )
  }
  const only = options['only']
  return {
    target,
    mend,
    only: typeof only === 'string' ? only.split(',').map((word) => codeOf(word.trim())) : undefined,
  }
}

function isCode(word: string): word is FindingCode {
  return (FINDING_CODES as readonly string[]).includes(word)
}

function codeOf(word: string): FindingCode {
  if (!isCode(word)) throw new UsageError(unknownCode(word))
  return word
}

function unknownCode(word: string): string {
  return `there is no finding ${word}${didYouMean(word, FINDING_CODES)}; netwright explain lists all`
}

async function examineHost({ environment, options, terminal }: Invocation, asked: Asked): Promise<FindingsDocument> {
  const scene = await takeScene({ environment })
  try {
    const target = asked.target === undefined ? undefined : namedTarget(asked.target, scene.graph, terminal)
    const intent = await readIntent(scene.graph, { environment })
    const document = await examine(scene, {
      environment,
      intent,
      probe: options['probe'] === true,
      ...(asked.only === undefined ? {} : { only: asked.only }),
    })
    if (target === undefined) return document
    return { ...document, findings: document.findings.filter((finding) => concerns(finding, target.node, scene.graph)) }
  } finally {
    scene.close()
  }
}

/** Whether a finding is about a namespace, a name of it, or the far end of one of its links. */
function concerns({ subject }: Finding, node: NamespaceNode, graph: Graph): boolean {
  if (subject.namespace === node.inode) return true
  if (subject.namespace === null) return subject.names.some((name) => node.owners.some((owner) => owner.name === name))
  const about = graph.interfaces.find(
    ({ namespace, name }) => namespace === subject.namespace && name === subject.interface,
  )
  if (about === undefined || about.kind === 'bridge') return false
  const mine = `${node.inode}/`
  return graph.links.some(
    ({ from, to }) => (from === about.id && to?.startsWith(mine)) || (to === about.id && from.startsWith(mine)),
  )
}

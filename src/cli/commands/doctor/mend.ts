/** Mending what was found: choose, run what was shown, look again. */
import type { Finding, FindingCode, FindingsDocument } from '../../../diagnose/index.ts'
import { runLine } from './run-line.ts'

/** What became of one finding. */
export interface Repair {
  readonly code: FindingCode
  readonly subject: Finding['subject']
  readonly commands: readonly string[]
  /** `planned` with --dry-run; `mended` when the finding is gone; `skipped` when it was not tried. */
  readonly outcome: 'planned' | 'mended' | 'failed' | 'skipped'
  readonly failure: string | null
}

/** How to mend. */
export interface MendOptions {
  /** Codes that were named: these only, and also where it could hurt. None: what is safe, of errors and warnings. */
  readonly named: readonly FindingCode[]
  readonly dryRun: boolean
  /** Examines again. */
  readonly examine: () => Promise<FindingsDocument>
  /** Called before anything is done. */
  readonly announce: (planned: readonly Finding[]) => Promise<void> | void
}

/** What was done, and what is found afterwards. */
export interface Mended {
  readonly repairs: readonly Repair[]
  readonly document: FindingsDocument
}

/** What a finding hid comes to light when that is mended; this often is looked again. */
const MOST_ROUNDS = 3

/** Mends in rounds. No finding, and no command, is tried twice. */
export async function mend(first: FindingsDocument, options: MendOptions): Promise<Mended> {
  const repairs: Repair[] = []
  const tried = new Set<string>()
  let document = first
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const planned = document.findings.filter((finding) => isWanted(finding, options) && !tried.has(identity(finding)))
    if (planned.length === 0) break
    await options.announce(planned)
    if (options.dryRun) return { repairs: planned.map((finding) => repair(finding, 'planned', null)), document }
    const failures = new Map<Finding, string | null>()
    for (const finding of planned) {
      tried.add(identity(finding))
      failures.set(finding, await apply(finding, tried))
    }
    document = await options.examine()
    const left = new Set(document.findings.map(identity))
    for (const [finding, failure] of failures) {
      const gone = !left.has(identity(finding))
      repairs.push(repair(finding, gone ? 'mended' : 'failed', gone ? null : (failure ?? 'it is still found')))
    }
  }
  return { repairs: [...repairs, ...skipped(document, options, tried)], document }
}

/** Whether somebody wants this to be mended. */
function isWanted({ code, severity, fix }: Finding, { named }: MendOptions): boolean {
  if (fix === null) return false
  return named.length > 0 ? named.includes(code) : fix.safe && severity !== 'info'
}

function skipped({ findings }: FindingsDocument, { named }: MendOptions, tried: ReadonlySet<string>): Repair[] {
  return findings
    .filter((finding) => finding.severity !== 'info' && !tried.has(identity(finding)))
    .filter(({ code }) => named.length === 0 || named.includes(code))
    .map((finding) => {
      const reason = finding.fix === null ? 'no command can mend it' : `it could hurt; name it: --fix ${finding.code}`
      return repair(finding, 'skipped', reason)
    })
}

async function apply({ fix }: Finding, tried: Set<string>): Promise<string | null> {
  for (const command of fix!.commands) {
    // Two findings may have the same remedy.
    if (tried.has(command)) continue
    tried.add(command)
    const failure = await runLine(command)
    if (failure !== null) return failure
  }
  return null
}

function repair(finding: Finding, outcome: Repair['outcome'], failure: string | null): Repair {
  const { code, subject, fix } = finding
  return { code, subject, commands: fix?.commands ?? [], outcome, failure }
}

/** The same fault at the same place, however it is put. */
function identity({ code, subject, fix }: Finding): string {
  const detail = fix === null ? '' : fix.commands.at(-1)
  return JSON.stringify([
    code,
    subject.namespace,
    subject.interface ?? '',
    subject.namespace === null ? subject.names : [],
    detail,
  ])
}

/** Examines a scene: every check, roots before what follows from them. */
import type { FindingCode } from '../catalog/finding-code.ts'
import type { Finding } from '../finding.ts'
import { type Intent, NO_INTENT } from '../intent/intent.ts'
import type { Scene } from '../scene/scene.ts'
import { BrokenInterfaces, type Check, type Examination } from './examination.ts'
import { Overlays } from './overlay.ts'
import { probeResolvers } from './probe-resolvers.ts'
import { CHECKS } from './registry.ts'
import { Segments } from './segment.ts'
import { Wiring } from './wiring.ts'
import { bySeverity } from './words.ts'

/** What `netwright doctor --json` prints (schemas/findings.v1.json). */
export interface FindingsDocument {
  readonly schema: 'netwright/findings/v1'
  /** Checks that were made. */
  readonly checks: number
  /** Time that they took, the taking of the scene left aside. */
  readonly milliseconds: number
  readonly findings: readonly Finding[]
  /** What could not be looked at, one sentence each. */
  readonly warnings: readonly string[]
}

/** How to examine. */
export interface ExamineOptions {
  /** What ought to be. Nothing is known of that when it is left out. */
  readonly intent?: Intent
  /** For NETWRIGHT_STATE, where records of names are. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Report only these. Everything is examined all the same: a consequence is told from a root by knowing the roots. */
  readonly only?: readonly FindingCode[]
  /** Also ask resolvers whether they answer. Nothing is sent otherwise. */
  readonly probe?: boolean
}

/** Examines a scene. Nothing is changed. */
export async function examine(scene: Scene, options: ExamineOptions = {}): Promise<FindingsDocument> {
  const started = performance.now()
  const examination = prepare(scene, options)
  const warnings: string[] = []
  const findings = CHECKS.flatMap((check) => carryOut(check, examination, warnings))
  if (options.probe === true) findings.push(...(await probeResolvers(examination, findings)))
  const wanted = options.only === undefined ? findings : findings.filter(({ code }) => options.only!.includes(code))
  return {
    schema: 'netwright/findings/v1',
    checks: CHECKS.length,
    milliseconds: Math.round((performance.now() - started) * 10) / 10,
    findings: wanted.sort(bySeverity),
    warnings: [...scene.warnings, ...examination.intent.warnings, ...warnings],
  }
}

/** Prepares what checks look at. */
export function prepare(scene: Scene, options: ExamineOptions): Examination {
  const wiring = new Wiring(scene)
  const segments = new Segments(wiring, [])
  const overlays = new Overlays(scene, wiring, segments)
  const pairs = overlays.pairs()
  return {
    scene,
    wiring,
    segments,
    wideSegments: pairs.length === 0 ? segments : new Segments(wiring, pairs),
    overlays,
    intent: options.intent ?? NO_INTENT,
    environment: options.environment ?? {},
    broken: new BrokenInterfaces(),
    reportedRules: new Set(),
    reported: [],
  }
}

/** One check that fails (a namespace ended meanwhile, a kernel lacks something) does not keep the others from being made. */
function carryOut(check: Check, examination: Examination, warnings: string[]): Finding[] {
  try {
    const diagnoses = check.examine(examination)
    for (const { breaks } of diagnoses) for (const one of breaks ?? []) examination.broken.add(one)
    const findings = diagnoses.map(({ finding }) => finding)
    examination.reported.push(...findings)
    return findings
  } catch (error) {
    warnings.push(
      `${check.codes.join(', ')} could not be examined: ${error instanceof Error ? error.message : String(error)}`,
    )
    return []
  }
}

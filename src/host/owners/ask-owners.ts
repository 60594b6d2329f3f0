/** Asks all sources at once and merges what they say, whatever they do: nothing here throws, and nothing outlives the deadline. */
import type { OwnerAnswer, OwnerClaim, OwnerEvidence, OwnerSource } from './owner-source.ts'
import { Patience } from './patience.ts'

/** How long owners are waited for. */
export interface AskOptions {
  /** Default 1,000. Time in which the calling thread was busy does not count. */
  readonly deadlineMilliseconds?: number
}

const DEFAULT_DEADLINE = 1000
/** Of the deadline, kept back for a source to say what it has when its signal ends. */
const GRACE = 50

/**
 * What the sources know of the namespaces, in the order of the sources, which is their precedence. Sources that are a last
 * resort are asked behind the others, each about what is left over. A source that is late or fails is left out, with one
 * warning.
 */
export async function askOwners(
  evidence: OwnerEvidence,
  sources: readonly OwnerSource[],
  options: AskOptions = {},
): Promise<OwnerAnswer> {
  const deadline = options.deadlineMilliseconds ?? DEFAULT_DEADLINE
  const answers = await askAll(sources.filter(isFirst), evidence, deadline)
  const claimed = new Set(answers.flatMap(inodesOf))
  for (const source of sources) {
    if (isFirst(source)) continue
    const answer = await askAll([source], without(evidence, claimed), GRACE)
    answers.push(...answer)
    for (const inode of answer.flatMap(inodesOf)) claimed.add(inode)
  }
  return {
    claims: ordered(withoutRepetition(answers.flatMap((answer) => answer.claims))),
    networks: answers.flatMap((answer) => answer.networks),
    warnings: answers.flatMap((answer) => answer.warnings),
  }
}

function isFirst(source: OwnerSource): boolean {
  return source.lastResort !== true
}

function inodesOf(answer: OwnerAnswer): string[] {
  return answer.claims.map((claim) => claim.inode)
}

/** The evidence about namespaces that nobody has claimed. */
function without(evidence: OwnerEvidence, claimed: ReadonlySet<string>): OwnerEvidence {
  return {
    processes: evidence.processes.filter(({ inode }) => !claimed.has(inode)),
    daemons: evidence.daemons,
    mounts: evidence.mounts.filter(({ inode }) => !claimed.has(inode)),
  }
}

/** Side by side, for `deadline` milliseconds together. */
async function askAll(
  sources: readonly OwnerSource[],
  evidence: OwnerEvidence,
  deadline: number,
): Promise<OwnerAnswer[]> {
  const notice = new Patience(deadline - Math.min(GRACE, deadline / 10))
  const end = new Patience(deadline)
  try {
    return await Promise.all(sources.map((source) => askOne(source, evidence, notice, end)))
  } finally {
    notice.end()
    end.end()
  }
}

/** One source's answer, or a warning in its place. */
async function askOne(
  source: OwnerSource,
  evidence: OwnerEvidence,
  notice: Patience,
  end: Patience,
): Promise<OwnerAnswer> {
  const effect = 'what it owns has no names here'
  const late = new Promise<OwnerAnswer>((resolve) => {
    const warning = `${source.runtime} did not answer in time; ${effect}`
    end.signal.addEventListener('abort', () => resolve(onlyWarning(warning)), { once: true })
  })
  try {
    return await Promise.race([source.ask(evidence, notice.signal), late])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return onlyWarning(`${source.runtime} cannot be asked: ${reason}; ${effect}`)
  }
}

function onlyWarning(warning: string): OwnerAnswer {
  return { claims: [], networks: [], warnings: [warning] }
}

/** Each container of a pod tells of the pod; Podman's files and its API tell of the same containers. */
function withoutRepetition(claims: readonly OwnerClaim[]): OwnerClaim[] {
  const first = new Map<string, OwnerClaim>()
  for (const claim of claims) {
    const key = JSON.stringify([claim.inode, claim.owner.runtime, claim.owner.id])
    const known = first.get(key)
    first.set(key, known === undefined ? claim : combine(known, claim))
  }
  return [...first.values()]
}

/** What the first says stands; the second adds what the first does not know. */
function combine(first: OwnerClaim, second: OwnerClaim): OwnerClaim {
  const labels = { ...second.owner.labels, ...first.owner.labels }
  return { ...second, ...first, owner: { ...second.owner, ...first.owner, labels } }
}

/** The first claim on a namespace decides its role: one that gives it none must not hide one that does. */
function ordered(claims: readonly OwnerClaim[]): OwnerClaim[] {
  const gives = (claim: OwnerClaim): boolean => claim.role !== 'anonymous'
  return [...claims.filter(gives), ...claims.filter((claim) => !gives(claim))]
}

/** Holds prediction and observation against each other. What was seen wins; the prediction says why. */
import type { DecidingRule } from '../../observe/observation.ts'
import type { Prediction } from '../../path/prediction.ts'
import { causeOfElsewhere, isAnsweredElsewhere } from './answered-elsewhere.ts'
import { causeOfFailure } from './cause-of-failure.ts'
import { causeOfLeaving } from './cause-of-leaving.ts'
import { causeOfRefusal, isRejection, meaningOfError } from './cause-of-refusal.ts'
import { causeOfRule } from './cause-of-rule.ts'
import { causeOfSilence } from './cause-of-silence.ts'
import type { Case, Explanation } from './explanation.ts'

/** Explains how a flow ended. */
export function explain(subject: Case): Explanation {
  switch (subject.observation.outcome) {
    case 'answered':
      return explainAnswer(subject)
    case 'arrived':
      return explainArrival(subject)
    case 'refused':
      return explainRefusal(subject)
    case 'unsendable':
      return explainFailure(subject)
    case 'silent':
      return explainSilence(subject)
  }
}

const delivered = { verdict: 'delivered', direction: 'reply', cause: null, fix: null } as const

function explainAnswer(subject: Case): Explanation {
  const { prediction, observation } = subject
  if (isAnsweredElsewhere(subject)) return explainAnswerFromElsewhere(subject)
  if (prediction.verdict === 'delivered') return { ...delivered, differences: [] }
  const said = prediction.cause === null ? '' : `: ${prediction.cause.summary}`
  const from = observation.answer === undefined ? '' : ` from ${observation.answer.from}`
  return {
    ...delivered,
    differences: [`An answer came${from}, although the tables say that the packet is ${prediction.verdict}${said}`],
  }
}

function explainAnswerFromElsewhere(subject: Case): Explanation {
  const { prediction, flow } = subject
  const difference = `An answer came, but no packet came in at ${flow.to?.label ?? flow.destination}.`
  if (prediction.verdict !== 'delivered') return asPredicted(prediction, [difference])
  // Translation may lead a flow past the namespace that has its address, as it does published ports.
  if (!isForeseenAt(subject)) return { ...delivered, differences: [] }
  const found = causeOfElsewhere(subject)
  if (found === undefined) return { ...delivered, differences: [difference] }
  return { verdict: 'dropped', direction: 'request', ...found, differences: [difference] }
}

/** The packet was to come in at the namespace that was meant. */
function isForeseenAt({ prediction, flow }: Case): boolean {
  return prediction.hops.some(
    ({ direction, namespace, passes }) => direction === 'request' && passes === 'in' && namespace === flow.to?.inode,
  )
}

/** A datagram needs no answer; when its answer could not come back, that is still what a program would suffer. */
function explainArrival({ prediction }: Case): Explanation {
  if (prediction.verdict === 'no-reply' || prediction.verdict === 'refused') return asPredicted(prediction)
  return { ...delivered, direction: 'request', differences: [] }
}

function asPredicted({ verdict, direction, cause, fix }: Prediction, differences: readonly string[] = []): Explanation {
  return { verdict, direction, cause, fix, differences }
}

function explainRefusal(subject: Case): Explanation {
  const { prediction, observation } = subject
  if (isForeseen(subject)) return byTracedRule(subject) ?? asPredicted(prediction)
  const { cause, fix } = causeOfRefusal(subject)
  const expected = prediction.verdict === 'delivered' ? 'an answer' : `a packet that is ${prediction.verdict}`
  const differences = [`A refusal came from ${observation.answer?.from}, where the tables made expect ${expected}.`]
  return { verdict: 'refused', direction: 'request', cause, fix, differences }
}

/** Codes that say that the packet came to its destination. */
const AT_DESTINATION: ReadonlySet<string | undefined> = new Set(['port-closed', 'listener-on-loopback'])

function isForeseen(subject: Case): boolean {
  const { prediction, observation } = subject
  const error = observation.answer?.error
  if (error === undefined) return prediction.verdict === 'refused'
  if (prediction.verdict === 'delivered') return false
  const predicted = prediction.cause?.code
  const { code } = meaningOfError(error)
  if (code === predicted) return true
  // Whoever has the port says the same of one that is closed and of one that is open for others only.
  if (code === 'port-closed' && AT_DESTINATION.has(predicted) && !isRejection(subject, error)) return true
  // A router that drops a packet for a foreseen reason often says so, in words that fit many reasons; but not in these.
  return code !== 'mtu-mismatch' && !AT_DESTINATION.has(predicted)
}

function explainFailure(subject: Case): Explanation {
  const { prediction } = subject
  if (prediction.verdict !== 'delivered') return asPredicted(prediction)
  const { cause, fix } = causeOfFailure(subject)
  const differences = [
    `The kernel refused to send, although the tables lead all the way: ${subject.observation.failure?.message}.`,
  ]
  return { verdict: 'dropped', direction: 'request', cause, fix, differences }
}

function explainSilence(subject: Case): Explanation {
  const { prediction } = subject
  if (prediction.verdict === 'delivered') {
    const { direction, cause, fix, explained } = causeOfSilence(subject)
    if (prediction.leaves !== null && !explained && hasLeft(subject)) return explainSilenceAbroad(subject)
    const differences = ['No answer came, although the tables lead all the way and back.']
    return { verdict: direction === 'request' ? 'dropped' : 'no-reply', direction, cause, fix, differences }
  }
  return byTracedRule(subject) ?? byEarlierEnd(subject) ?? asPredicted(prediction)
}

function hasLeft({ prediction, hops }: Case): boolean {
  const last = hops.findLast(({ hop }) => hop.passes === 'out' && hop.direction === 'request')
  return last?.sighting !== undefined && last.hop.namespace === prediction.leaves?.namespace
}

/**
 * It went out of this host, and what becomes of it there cannot be seen from here: there is nothing to be mended here, unless
 * it was for somebody here.
 */
function explainSilenceAbroad(subject: Case): Explanation {
  const { prediction, scene } = subject
  const { namespace, interface: name, nextHop } = prediction.leaves!
  const place = scene.place(namespace).label
  const difference = `The packet left this host by ${name} of ${place} to ${nextHop}, and nothing came back.`
  const found = causeOfLeaving(subject) ?? { cause: null, fix: null }
  return { verdict: 'no-reply', direction: 'request', ...found, differences: [difference] }
}

/**
 * The kernel's own trace is certain: where it names a rule elsewhere, or another rule than was foreseen, it is right. Where the
 * tables were sure of a deeper reason in the same namespace (a translation that leads to nobody, so that the firewall's policy
 * drops what it made), the rule is only how it shows.
 */
function byTracedRule({ scene, prediction, observation }: Case): Explanation | undefined {
  const traced = observation.rules.filter(({ by }) => by === 'trace')
  if (traced.length === 0 || traced.some((rule) => isPredicted(rule, prediction) || isSymptom(rule, prediction))) {
    return undefined
  }
  const { cause, fix } = causeOfRule(scene, traced[0]!)
  const said = prediction.cause?.summary ?? prediction.verdict
  const differences = [`The kernel's trace names a rule, where the tables made expect: ${said}`]
  const { verdict, direction } = prediction
  return {
    verdict: traced[0]!.verdict === 'reject' ? 'refused' : verdict === 'refused' ? 'dropped' : verdict,
    direction,
    cause,
    fix,
    differences,
  }
}

function isSymptom({ namespace }: DecidingRule, { cause, doubts, hops }: Prediction): boolean {
  if (cause === null || cause.code === 'filtered' || doubts.length > 0) return false
  return cause.where.namespace === namespace || hops.at(-1)?.namespace === namespace
}

function isPredicted({ namespace, rule }: DecidingRule, { cause }: Prediction): boolean {
  const predicted = cause?.where.rule
  if (predicted === undefined || cause?.where.namespace !== namespace) return false
  return predicted.family === rule.family && predicted.table === rule.table && predicted.chain === rule.chain
}

/** The packet dies before it comes to where it was to die, and it is known why. */
function byEarlierEnd(subject: Case): Explanation | undefined {
  const { hops, prediction } = subject
  const watchable = hops.filter((hop) => hop.watchable)
  const firstUnseen = watchable.findIndex(({ sighting }) => sighting === undefined)
  // The last one before its end need not be seen: what drops it may stand before the place where it could be.
  if (firstUnseen < 0 || firstUnseen >= watchable.length - 1) return undefined
  const { direction, cause, fix, explained } = causeOfSilence(subject)
  if (!explained || cause.code === prediction.cause?.code) return undefined
  const differences = [
    `The packet died earlier than the tables say: ${prediction.cause?.summary ?? prediction.verdict}`,
  ]
  return { verdict: direction === 'request' ? 'dropped' : 'no-reply', direction, cause, fix, differences }
}

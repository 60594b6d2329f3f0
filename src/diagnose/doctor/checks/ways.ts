/** Ways that ought to lead through: followed as the kernel would, without sending anything. */
import { managerOf } from '../../filter/rule-manager.ts'
import type { Fix, Severity } from '../../finding.ts'
import type { Flow } from '../../path/flow.ts'
import { predict } from '../../path/predict.ts'
import type { Cause, Prediction } from '../../path/prediction.ts'
import { fixOfRule } from '../../remedy/rule-fix.ts'
import { type Check, type Diagnosis, type Examination, ruleKey } from '../examination.ts'
import { type ExpectedWay, waysOnWires, waysOverRouters } from '../expected-way.ts'
import type { Interface } from '../interface.ts'
import { bySeverity, fact } from '../words.ts'

/** What keeps stations from each other that are meant to be neighbours, or routers from being used. */
export const ways: Check = {
  codes: [
    'return-route-missing',
    'nat-missing',
    'filtered',
    'route-blackhole',
    'bridge-port-blocked',
    'neighbour-missing',
  ],
  examine(examination) {
    const found = new Map<string, Diagnosis>()
    const expected = [...spread(waysOnWires(examination)), ...spread(waysOverRouters(examination))]
    for (const way of expected) {
      const diagnosis = follow(way, examination)
      if (diagnosis === undefined) continue
      const { code, subject, evidence } = diagnosis.finding
      // One rule stops many, whichever way they come.
      const where = code === 'filtered' ? evidence[0] : subject.interface
      const key = JSON.stringify([code, subject.namespace, where])
      const known = found.get(key)
      if (known === undefined || bySeverity(diagnosis.finding, known.finding) < 0) found.set(key, diagnosis)
    }
    return [...found.values()]
  },
}

/** Ways that are followed at most, of each kind: on a host with more, some of all. */
const MOST_WAYS = 128
const PAYLOAD = 56
const IDENTIFIER = 41_000

function spread<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length <= MOST_WAYS) return items
  return Array.from({ length: MOST_WAYS }, (_, i) => items[Math.floor((i * items.length) / MOST_WAYS)]!)
}

function follow(way: ExpectedWay, examination: Examination): Diagnosis | undefined {
  if (isInTrouble(way.from, examination) || isInTrouble(way.to, examination)) return undefined
  const prediction = predict(examination.scene, flowOf(way))
  const { cause } = prediction
  if (cause === null || isKnown(prediction, cause, examination)) return undefined
  const severity = severityOf(way, prediction, cause)
  if (severity === undefined) return undefined
  const { namespace, names, interface: name } = cause.where
  const asked = fact(
    `${way.from.place.label} (${way.source.address}) ${way.over === 'wire' ? 'shares a wire with' : 'has a route to'} ${way.to.place.label} (${way.destination.address})`,
  )
  return {
    finding: {
      code: cause.code,
      severity,
      subject: { namespace, names, ...(name === undefined ? {} : { interface: name }) },
      summary: `${way.from.place.label} does not reach ${way.to.place.label}: ${cause.summary}`,
      evidence: [...cause.evidence, asked],
      fix: fixFor(prediction, cause, examination),
    },
  }
}

/**
 * A policy stops more than the two who were asked about. That a way ought to lead through is concluded from how things are
 * wired, and recorded nowhere: what opens it is not applied unless somebody says so.
 */
function fixFor({ fix }: Prediction, { code, where: { namespace, rule } }: Cause, { scene }: Examination): Fix | null {
  const isPolicy = code === 'filtered' && rule !== undefined && rule.position === null
  const opening = isPolicy ? fixOfRule(scene.place(namespace), scene.home, rule) : fix
  return opening === null ? null : { ...opening, safe: false }
}

/** Something that does not work there is known already; what else there is will show when that is mended. */
function isInTrouble(one: Interface, { reported }: Examination): boolean {
  return reported.some(
    ({ severity, subject }) =>
      severity !== 'info' &&
      subject.namespace === one.place.inode &&
      (subject.interface === undefined || subject.interface === one.name),
  )
}

function flowOf({ from, source, to, destination }: ExpectedWay): Flow {
  return {
    from: from.place,
    to: to.place,
    family: source.family,
    protocol: 'icmp',
    source: source.address,
    destination: destination.address,
    port: undefined,
    sourcePort: IDENTIFIER,
    size: PAYLOAD,
  }
}

/** It is said already, or follows from what is said. */
function isKnown(
  { hops }: Prediction,
  cause: Cause,
  { reported, broken, reportedRules, scene, wiring }: Examination,
): boolean {
  const { namespace, interface: name, rule } = cause.where
  if (reported.some(({ code, subject }) => code === cause.code && subject.namespace === namespace)) return true
  if (rule !== undefined && reportedRules.has(ruleKey(scene.place(namespace), rule))) return true
  const passed = hops.some((hop) => hop.index !== null && broken.has(wiring.get(hop.namespace, hop.index)))
  return passed || wiring.of(namespace).some((one) => one.name === name && broken.has(one))
}

/** Undefined: nobody has promised that this way leads through. */
function severityOf({ over }: ExpectedWay, prediction: Prediction, { code, where }: Cause): Severity | undefined {
  const { hops, doubts, direction } = prediction
  if (code === 'filtered') {
    const { rule } = where
    // Programs that keep rules mean what they write; and so do people, mostly.
    if (rule !== undefined && managerOf(rule) !== undefined) return undefined
    if (doubts.length === 0 && isInTunnel(hops)) return 'error'
    return over === 'routers' && rule?.position === null ? 'warning' : 'info'
  }
  // Private networks are not known outside; what was let out must come back.
  const unknown = code === 'route-missing' || code === 'return-route-missing' || code === 'gateway-unreachable'
  if (over === 'routers' && direction === 'request' && unknown) return undefined
  if (code === 'bridge-port-isolated') return 'info'
  return doubts.length > 0 ? 'info' : 'warning'
}

/** It is the tunnel's own packet that does not get through: nothing does. */
function isInTunnel(hops: Prediction['hops']): boolean {
  const actions = hops.map(({ action }) => action)
  return actions.lastIndexOf('encapsulate') > actions.lastIndexOf('decapsulate')
}

/**
 * Does a packet get from here to there, and if not, why: a question becomes a flow, the flow is followed through the tables and
 * really sent, and the two are held against each other.
 */

import { randomInt } from 'node:crypto'
import { keepTimeStamps } from '../../kernel/index.ts'
import type { Fix } from '../finding.ts'
import type { Intent } from '../intent/index.ts'
import { observe } from '../observe/observe.ts'
import type { Flow } from '../path/flow.ts'
import { predict } from '../path/predict.ts'
import { type AskedFlow, type AskedInVain, type AskedQuestion, askQuestion, type Question } from '../question/index.ts'
import type { Scene } from '../scene/scene.ts'
import { SceneError } from '../scene/scene-error.ts'
import { suppose } from '../what-if/index.ts'
import { composeJudgement, type Judgement, traceEnd } from './compose.ts'
import { nameCause } from './explain/cause-of-name.ts'
import { explain } from './explain/explain.ts'
import { placeNames } from './explain/explanation.ts'
import { seenHops } from './seen-hops.ts'
import type { TraceDocument, TraceEnd } from './trace-document.ts'
import { wholeFix } from './whole-fix.ts'

/** What is asked: both ends, and what is to be sent. */
export interface TraceQuestion extends Omit<Question, 'packets' | 'intent' | 'nameServerPatience'> {
  /** Send from this address, which FROM must have. */
  readonly source?: string
}

/** How to trace. */
export interface TraceOptions {
  /** Takes the scene; asked again when tables and packets disagree, for links may have come or gone meanwhile. */
  readonly takeScene: () => Promise<Scene>
  /** What runtimes have on record; asked for only when it is needed. */
  readonly readIntent?: ((scene: Scene) => Promise<Intent>) | undefined
  /** Send nothing. */
  readonly predictOnly?: boolean
  /** Commands whose effect is supposed; nothing is sent then. */
  readonly supposed?: readonly string[]
  /** Packets to send while all is well, by default 1. */
  readonly count?: number
  /** Milliseconds to wait for an answer, by default 1,000. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Traces a flow.
 * @throws TargetError when FROM, or TO as a target, means no namespace or more than one
 * @throws QuestionError, WhatIfError when what is asked makes no sense
 * @throws KernelError EPERM without the rights to look, or to send
 */
export async function trace(question: TraceQuestion, options: TraceOptions): Promise<TraceDocument> {
  try {
    return await traceOnce(question, options)
  } catch (error) {
    // A namespace somewhere on this host, perhaps none of the way's, went while it was looked at: a new scene is without it.
    if (error instanceof SceneError) return traceOnce(question, options)
    throw error
  }
}

async function traceOnce(question: TraceQuestion, options: TraceOptions): Promise<TraceDocument> {
  const scene = await options.takeScene()
  try {
    return await traceIn(scene, question, options)
  } finally {
    scene.close()
  }
}

/** Traces a flow in a scene that the caller has taken, and closes. */
export async function traceIn(scene: Scene, question: TraceQuestion, options: TraceOptions): Promise<TraceDocument> {
  const started = performance.now()
  const sends = options.predictOnly !== true && (options.supposed ?? []).length === 0
  using _stamps = sends ? keepTimeStamps() : undefined
  const tracing = new Tracing(question, options, sends)
  const found = await supposing(scene, options.supposed ?? [], (supposed) => tracing.judge(supposed))
  const { warnings, ...rest } = (sends ? await tracing.reconsider(found) : undefined) ?? found.document
  return {
    schema: 'netwright/trace/v1',
    ...rest,
    warnings: [...scene.warnings, ...warnings],
    supposed: options.supposed ?? [],
    milliseconds: Math.round((performance.now() - started) * 10) / 10,
  }
}

type Body = Omit<TraceDocument, 'schema' | 'supposed' | 'milliseconds'>

interface Found {
  readonly document: Body
  readonly judgement: Judgement | undefined
}

class Tracing {
  readonly #question: TraceQuestion
  readonly #options: TraceOptions
  readonly #sends: boolean
  /** Of those that the kernel itself would choose (net.ipv4.ip_local_port_range). */
  readonly #sourcePort = randomInt(32_768, 61_000)

  constructor(question: TraceQuestion, options: TraceOptions, sends: boolean) {
    this.#question = question
    this.#options = options
    this.#sends = sends
  }

  async judge(scene: Scene): Promise<Found> {
    const asked = await this.#ask(scene)
    if (asked.kind === 'cause') return this.#inVain(scene, asked)
    const judgement = await this.#follow(scene, this.#flowOf(asked))
    return { document: this.#document(asked, await this.#doubted(judgement, asked)), judgement }
  }

  #ask(scene: Scene): Promise<AskedQuestion> {
    const { source: _, ...question } = this.#question
    const { readIntent } = this.#options
    return askQuestion(scene, {
      ...question,
      packets: this.#sends,
      ...(readIntent === undefined ? {} : { intent: () => readIntent(scene) }),
    })
  }

  #flowOf({ flow }: AskedFlow): Flow {
    const { source } = this.#question
    return this.#fresh(source === undefined ? flow : { ...flow, source })
  }

  /** A flow that connection tracking has not met yet, as a program's next one would be, unless a port was asked for. */
  #fresh(flow: Flow): Flow {
    return this.#sends && this.#question.sourcePort === undefined ? { ...flow, sourcePort: this.#sourcePort } : flow
  }

  async #follow(scene: Scene, flow: Flow): Promise<Judgement> {
    const prediction = predict(scene, flow)
    const { count, timeout, signal } = this.#options
    const observation = this.#sends
      ? await observe(scene, flow, prediction, {
          ...(count === undefined ? {} : { count }),
          ...(timeout === undefined ? {} : { timeout }),
          signal,
        })
      : undefined
    return conclude(scene, flow, prediction, observation)
  }

  /** A packet that does not arrive may have been sent to an address that its name should not have led to. */
  async #doubted(judgement: Judgement, { doubtName }: AskedFlow): Promise<Judgement> {
    if (judgement.explanation.verdict === 'delivered' || doubtName === undefined) return judgement
    const named = await doubtName()
    return named === undefined ? judgement : { ...judgement, explanation: { ...judgement.explanation, ...named } }
  }

  /** No address to send to. When no name server answered, the question to it is a flow like another. */
  async #inVain(scene: Scene, asked: AskedInVain): Promise<Found> {
    for (const query of asked.queries.slice(0, MOST_QUERIES)) {
      const judgement = await this.#follow(scene, this.#fresh(query))
      const { verdict, cause } = judgement.explanation
      // That nothing answers is known; only a reason that can be told is better than that.
      if (verdict === 'delivered' || cause === null || !isExplained(judgement)) continue
      const explanation = { ...judgement.explanation, ...nameCause(asked, judgement.explanation) }
      return { document: this.#document(asked, { ...judgement, explanation }), judgement: undefined }
    }
    return { document: this.#withoutWay(asked), judgement: undefined }
  }

  #document(asked: AskedQuestion, judgement: Judgement): Body {
    return {
      ...this.#ends(asked),
      resolution: asked.resolution,
      ...composeJudgement(judgement),
      warnings: judgement.observation?.warnings ?? [],
    }
  }

  #withoutWay(asked: AskedInVain): Body {
    const { protocol, family = 'ipv4', port = null, sourcePort = 0, size = 0, source = null, to } = this.#question
    const end = { verdict: 'dropped', direction: 'request' } as const
    return {
      ...this.#ends(asked),
      resolution: asked.resolution,
      flow: { protocol, family, source, destination: to, port, sourcePort, size },
      ...end,
      hops: [],
      cause: asked.cause,
      fix: asked.fix,
      leaves: null,
      predicted: { ...end, cause: asked.cause.code, doubts: [] },
      observed: null,
      differences: [],
      warnings: [],
    }
  }

  #ends({ from, to }: AskedQuestion): { from: TraceEnd; to: TraceEnd } {
    const end = ({ word, place, label }: AskedQuestion['from']): TraceEnd =>
      traceEnd(word, place, place === undefined ? [] : placeNames(place), label)
    return { from: end(from), to: end(to) }
  }

  /**
   * Where tables and packets disagree, the tables may have been read while links came or went: they are read once more. What
   * was seen of the packets stands. @returns undefined when nothing has changed
   */
  async reconsider({ judgement, document }: Found): Promise<Body | undefined> {
    if (judgement?.observation === undefined || judgement.explanation.differences.length === 0) return undefined
    const scene = await this.#options.takeScene()
    try {
      const asked = await this.#ask(scene)
      if (asked.kind === 'cause') return undefined
      const flow = this.#flowOf(asked)
      const prediction = predict(scene, flow)
      const before = judgement.prediction
      if (prediction.verdict === before.verdict && prediction.cause?.code === before.cause?.code) return undefined
      const again = conclude(scene, flow, prediction, judgement.observation)
      return { ...this.#document(asked, again), from: document.from, to: document.to }
    } finally {
      scene.close()
    }
  }
}

/** The scene as it would be after these commands, one after the other. */
async function supposing<T>(scene: Scene, commands: readonly string[], look: (scene: Scene) => Promise<T>): Promise<T> {
  const [first, ...rest] = commands
  if (first === undefined) return look(scene)
  const supposed = suppose(scene, first)
  try {
    return await supposing(supposed, rest, look)
  } finally {
    supposed.close()
  }
}

/** Name servers whose silence is followed. */
const MOST_QUERIES = 2

function isExplained({ prediction, observation }: Judgement): boolean {
  return prediction.verdict !== 'delivered' || (observation?.rules.length ?? 0) > 0
}

function conclude(
  scene: Scene,
  flow: Flow,
  prediction: Judgement['prediction'],
  observation: Judgement['observation'],
): Judgement {
  const hops = seenHops(prediction.hops, observation)
  const { verdict, direction, cause, fix } = prediction
  const explanation =
    observation === undefined
      ? { verdict, direction, cause, fix, differences: [] }
      : explain({ scene, flow, prediction, observation, hops })
  return {
    flow,
    prediction,
    observation,
    hops,
    explanation: { ...explanation, fix: mending(scene, flow, explanation) },
  }
}

function mending(scene: Scene, flow: Flow, { cause, fix }: Judgement['explanation']): Fix | null {
  return cause === null || fix === null ? fix : wholeFix(scene, flow, cause, fix)
}

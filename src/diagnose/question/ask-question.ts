/** From the words of a question to a flow, or to the cause that lies in the words. */
import { isIP } from 'node:net'
import { namespaceLabel, parseTarget, resolveTarget, TargetUnknownError } from '../../host/index.ts'
import type { Flow } from '../path/flow.ts'
import { familyOfAddress } from '../scene/fib/address-bits.ts'
import type { Family, Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { inOrderOfPreference } from './destination-order.ts'
import { explainFailure } from './name-cause.ts'
import { doubtName } from './name-doubt.ts'
import { type NameInit, resolveName } from './name-resolution.ts'
import { causePlace } from './names-of-place.ts'
import type { AskedInVain, AskedQuestion, NamedCause, Question, QuestionEnd } from './question.ts'
import { QuestionError } from './question-error.ts'
import { addressOfTarget } from './target-address.ts'

const PING_BYTES = 56
const NAME_SERVER_PATIENCE = 1000
const SOURCE_PORT = 49_152

/**
 * Understands a question.
 * @throws TargetError when FROM is no target, or either end is ambiguous
 * @throws SceneError when a namespace cannot be opened
 * @throws QuestionError when the words make no sense together
 */
export async function askQuestion(scene: Scene, question: Question): Promise<AskedQuestion> {
  const start = resolveTarget(question.from, scene.graph)
  const from: QuestionEnd = { word: question.from, place: scene.place(start.inode), label: start.label }
  return new Asking(scene, question, from, scene.place(start.inode)).ask()
}

/** One question while it is understood. */
class Asking {
  readonly #scene: Scene
  readonly #question: Question
  readonly #from: QuestionEnd
  readonly #place: Place

  constructor(scene: Scene, question: Question, from: QuestionEnd, place: Place) {
    this.#scene = scene
    this.#question = question
    this.#from = from
    this.#place = place
  }

  async ask(): Promise<AskedQuestion> {
    const { to } = this.#question
    const literal = parseAddress(to)
    if (literal !== undefined) return this.#toAddress(literal)
    const target = this.#target(to)
    return target === undefined ? this.#toName(to) : this.#toTarget(target)
  }

  #target(word: string): Place | undefined {
    try {
      return this.#scene.place(resolveTarget(word, this.#scene.graph).inode)
    } catch (error) {
      // A word without a prefix may be a name.
      if (error instanceof TargetUnknownError && parseTarget(word).kind === 'bare') return undefined
      throw error
    }
  }

  #toAddress({ address, zone }: Literal): AskedQuestion {
    const family = familyOfAddress(address)
    this.#refuseOtherFamily(family, address)
    const outputInterface = zone === undefined ? undefined : this.#interfaceOf(zone)
    const to = { word: this.#question.to, place: undefined, label: this.#question.to }
    return this.#flow(to, this.#flowTo(address, undefined, outputInterface), [])
  }

  async #toTarget(place: Place): Promise<AskedQuestion> {
    const to: QuestionEnd = { word: this.#question.to, place, label: namespaceLabel(place.node) }
    const { family, intent } = this.#question
    const found = await addressOfTarget({ scene: this.#scene, from: this.#place, to: place, family, intent })
    if ('cause' in found) return this.#vain(to, found)
    const outputInterface = found.linkLocal ? this.#onlyLink() : undefined
    return this.#flow(to, this.#flowTo(found.address, place, outputInterface), [])
  }

  async #toName(name: string): Promise<AskedQuestion> {
    const init: NameInit = {
      scene: this.#scene,
      from: this.#place,
      name,
      packets: this.#question.packets,
      patience: this.#question.nameServerPatience ?? NAME_SERVER_PATIENCE,
    }
    const found = await resolveName(init)
    const unresolved: QuestionEnd = { word: name, place: undefined, label: name }
    if (found.kind === 'failed') {
      const { queries, ...named } = await explainFailure(init, found.sources, found.lookUp)
      return { ...this.#vain(unresolved, named), queries }
    }
    const [address] = inOrderOfPreference(this.#place, found.addresses, this.#question.family)
    if (address === undefined) return this.#vain(unresolved, this.#otherFamilyOnly(name, found.addresses))
    const { lookUp } = found
    const asked = this.#flow(
      { ...unresolved, label: `${name} (${address})` },
      this.#flowTo(address, undefined, undefined),
      found.how,
    )
    if (lookUp === undefined || !init.packets) return asked
    return { ...asked, doubtName: () => doubtName(init, lookUp, address) }
  }

  #otherFamilyOnly(name: string, addresses: readonly string[]): NamedCause {
    const wanted = this.#question.family === 'ipv6' ? 'IPv6' : 'IPv4'
    const summary = `${name} has no ${wanted} address, as ${this.#place.label} sees it.`
    const evidence = [{ fact: `${name} is ${addresses.join(', ')}`, source: 'dns' }]
    return { cause: { code: 'dns-name-unknown', where: causePlace(this.#place), summary, evidence }, fix: null }
  }

  #refuseOtherFamily(family: Family, address: string): void {
    const wanted = this.#question.family
    if (wanted === undefined || wanted === family) return
    throw new QuestionError(`${address} is no ${wanted === 'ipv4' ? 'IPv4' : 'IPv6'} address, which was asked for`)
  }

  #interfaceOf(zone: string): number {
    const link = /^\d+$/.test(zone) ? this.#place.link(Number(zone)) : this.#place.linkNamed(zone)
    if (link === undefined) throw new QuestionError(`${this.#place.label} has no interface ${zone}`)
    return link.index
  }

  /** A link-local address means something on one link only: the first that has one here, too. */
  #onlyLink(): number | undefined {
    return this.#place.addresses.find(({ family, scope }) => family === 10 && scope === 253)?.index
  }

  #flowTo(destination: string, to: Place | undefined, outputInterface: number | undefined): Flow {
    const { protocol, port, sourcePort = SOURCE_PORT, size = PING_BYTES } = this.#question
    return {
      from: this.#place,
      to,
      family: familyOfAddress(destination),
      protocol,
      source: undefined,
      destination,
      port: protocol === 'icmp' ? undefined : port,
      sourcePort,
      size,
      ...(outputInterface === undefined ? {} : { outputInterface }),
    }
  }

  #flow(to: QuestionEnd, flow: Flow, resolution: readonly string[]): AskedQuestion & { readonly kind: 'flow' } {
    return { kind: 'flow', from: this.#from, to, flow, resolution, doubtName: undefined }
  }

  #vain(to: QuestionEnd, { cause, fix }: NamedCause): AskedInVain {
    return { kind: 'cause', from: this.#from, to, cause, fix, resolution: [], queries: [] }
  }
}

interface Literal {
  readonly address: string
  readonly zone: string | undefined
}

/** An address, perhaps with its interface; brackets as in a URL are allowed. */
function parseAddress(word: string): Literal | undefined {
  const bare = /^\[(.+)\]$/.exec(word)?.[1] ?? word
  const [address = '', zone] = bare.split('%', 2)
  return isIP(address) === 0 ? undefined : { address, zone }
}

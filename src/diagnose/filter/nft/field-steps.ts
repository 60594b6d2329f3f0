/** Loading what packet, flow and routing hold into registers, and writing it back. */
import type { NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import type { Step, StepResult } from '../chain.ts'
import type { HeaderBytes } from '../header-bytes.ts'
import type { Passage } from '../passage.ts'
import { numberOfHost } from '../registers.ts'
import { ctValue } from './ct-value.ts'
import { fibValue } from './fib-value.ts'
import { type LoadedValue, metaValue } from './meta-value.ts'
import type { RuleContext } from './rule-context.ts'

type Field = Extract<NfExpression, { readonly kind: 'payload' | 'meta' | 'ct' | 'fib' | 'exthdr' | 'rt' }>

/** Makes a step of an expression that reads or writes a field. */
export function fieldStep(expression: Field, context: RuleContext): Step {
  if ('sreg' in expression && expression.sreg !== undefined) {
    return { acts: true, run: writing(expression, expression.sreg) }
  }
  const { dreg = 0 } = expression
  const value = reading(expression, context)
  const doubt = `${context.where} depends on ${described(expression)}, which cannot be known beforehand; it was taken as not met`
  return {
    acts: false,
    run(passage) {
      const loaded = value(passage)
      if (loaded === undefined) return 'break'
      if (loaded === 'unknown') {
        passage.pending.push(doubt)
        passage.unknownRegister = dreg
        return 'next'
      }
      if (passage.unknownRegister === dreg) passage.unknownRegister = undefined
      passage.registers.store(dreg, loaded)
      return 'next'
    },
  }
}

function described(expression: Field): string {
  if (expression.kind === 'payload') return `bytes of the packet's ${expression.base ?? ''} part`
  if (expression.kind === 'exthdr') return 'an option of a header'
  return `"${expression.kind} ${'key' in expression ? expression.key : ''}"`.replace(' "', '"')
}

function reading(expression: Field, { family }: RuleContext): (passage: Passage) => LoadedValue {
  switch (expression.kind) {
    case 'payload':
      return ({ headers, packet }) => payload(expression, headers, packet.length)
    case 'meta':
      return (passage) => metaValue(passage, expression.key, family)
    case 'ct':
      return (passage) => ctValue(passage, expression.key, expression.direction)
    case 'fib':
      return (passage) => fibValue(passage, expression)
    case 'exthdr':
      return (passage) => extensionHeader(passage, expression)
    case 'rt':
      return () => 'unknown'
  }
}

/** Bytes of a header; those behind it are the packet's content, which is not known. */
function payload(
  { base, offset = 0, length = 0 }: NfExpressionOf<'payload'>,
  { link, network, transport }: HeaderBytes,
  packetLength: number,
): LoadedValue {
  if (base === 'link') {
    const known = link?.subarray(offset, offset + length)
    return known?.length === length ? known : undefined
  }
  if (base !== 'network' && base !== 'transport') return 'unknown'
  const start = (base === 'transport' ? transport : 0) + offset
  if (base === 'transport' && transport === network.length) return undefined
  if (start + length <= network.length) return network.subarray(start, start + length)
  return start + length <= packetLength ? 'unknown' : undefined
}

/** NFT_EXTHDR_F_PRESENT */
const PRESENT = 1
const SYN = 2
/** Options that Linux puts into every SYN: segment size, window scale, selective acknowledgement, time stamps. */
const optionsOfSyn = new Set([2, 3, 4, 8])

/** Our packets have no options and no extension headers, but for TCP's usual ones. */
function extensionHeader({ packet }: Passage, { op, type = 0, flags = 0 }: NfExpressionOf<'exthdr'>): LoadedValue {
  const isThere = op === 'tcp' && ((packet.tcpFlags ?? 0) & SYN) !== 0 && optionsOfSyn.has(type)
  if ((flags & PRESENT) !== 0) return Buffer.from([isThere ? 1 : 0])
  return isThere ? 'unknown' : undefined
}

function writing(expression: Field, sreg: number): (passage: Passage) => StepResult {
  switch (expression.kind) {
    case 'payload':
      return (passage) => writePayload(passage, expression, sreg)
    case 'meta':
      return (passage) => {
        if (expression.key === 'mark') setMark(passage, numberOfHost(passage.registers.load(sreg, 4)))
        return 'next'
      }
    case 'ct':
      return (passage) => writeCt(passage, expression, sreg)
    default:
      return () => 'next'
  }
}

/** Changes the packet's mark. */
function setMark(passage: Passage, mark: number): void {
  if (mark !== passage.packet.mark) passage.become({ ...passage.packet, mark })
}

function writePayload(
  passage: Passage,
  { base, offset = 0, length = 0 }: NfExpressionOf<'payload'>,
  sreg: number,
): StepResult {
  const { link, network, transport } = passage.headers
  const header = base === 'link' ? link : network
  const start = (base === 'transport' ? transport : 0) + offset
  if (header === undefined || start + length > header.length) return 'break'
  passage.registers.load(sreg, length).copy(header, start)
  passage.rewritten()
  return 'next'
}

function writeCt(passage: Passage, { key }: NfExpressionOf<'ct'>, sreg: number): StepResult {
  const flow = passage.tracked
  const { registers } = passage
  if (key === 'mark' && flow !== undefined) passage.flow = { ...flow, mark: numberOfHost(registers.load(sreg, 4)) }
  if (key === 'zone' && flow === undefined) passage.zone = numberOfHost(registers.load(sreg, 2))
  return 'next'
}

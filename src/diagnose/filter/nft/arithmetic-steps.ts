/** Comparing and changing what registers hold. */
import type { NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import type { Step, StepResult } from '../chain.ts'
import type { Passage } from '../passage.ts'
import { hostNumber, numberOfHost } from '../registers.ts'
import type { RuleContext } from './rule-context.ts'

type Arithmetic = Extract<
  NfExpression,
  { readonly kind: 'cmp' | 'range' | 'bitwise' | 'byteorder' | 'numgen' | 'hash' }
>

/** Makes a step of an expression that only looks at registers. */
export function arithmeticStep(expression: Arithmetic, context: RuleContext): Step {
  return { acts: false, run: running(expression, context) }
}

function running(expression: Arithmetic, context: RuleContext): (passage: Passage) => StepResult {
  switch (expression.kind) {
    case 'cmp':
      return compare(expression)
    case 'range':
      return range(expression)
    case 'bitwise':
      return bitwise(expression)
    case 'byteorder':
      return byteOrder(expression)
    case 'numgen':
    case 'hash':
      return chosenNumber(expression, context)
  }
}

const NOTHING = Buffer.alloc(0)

function compare({ sreg = 0, op, data }: NfExpressionOf<'cmp'>): (passage: Passage) => StepResult {
  const value = data?.value ?? NOTHING
  const holds = comparison(op)
  return (passage) => {
    if (passage.unknownRegister === sreg) return 'unlikely'
    const order = Buffer.compare(passage.registers.load(sreg, value.length), value)
    return holds(order) ? 'next' : 'break'
  }
}

function comparison(op: NfExpressionOf<'cmp'>['op']): (order: number) => boolean {
  switch (op) {
    case '!=':
      return (order) => order !== 0
    case '<':
      return (order) => order < 0
    case '<=':
      return (order) => order <= 0
    case '>':
      return (order) => order > 0
    case '>=':
      return (order) => order >= 0
    default:
      return (order) => order === 0
  }
}

function range({ sreg = 0, op, from, to }: NfExpressionOf<'range'>): (passage: Passage) => StepResult {
  const [low, high] = [from?.value ?? NOTHING, to?.value ?? NOTHING]
  const wanted = op !== '!='
  return (passage) => {
    if (passage.unknownRegister === sreg) return 'unlikely'
    const value = passage.registers.load(sreg, low.length)
    const inside = Buffer.compare(value, low) >= 0 && Buffer.compare(value, high) <= 0
    return inside === wanted ? 'next' : 'break'
  }
}

function bitwise(expression: NfExpressionOf<'bitwise'>): (passage: Passage) => StepResult {
  const { sreg = 0, dreg = 0, length = 0 } = expression
  const combine = combination(expression)
  return (passage) => {
    if (passage.unknownRegister === sreg) passage.unknownRegister = dreg
    passage.registers.store(dreg, combine(Buffer.from(passage.registers.load(sreg, length)), passage))
    return 'next'
  }
}

function combination(expression: NfExpressionOf<'bitwise'>): (value: Buffer, passage: Passage) => Buffer {
  const { op, mask, xor, data, sreg2 = 0 } = expression
  switch (op) {
    case '<<':
    case '>>':
      return (value) => shifted(value, op, shiftCount(data?.value))
    case 'and':
    case 'or':
    case 'xor':
      return (value, { registers }) => {
        const other = registers.load(sreg2, value.length)
        return value.map((byte, i) => bits(op, byte, other[i]!)) as Buffer
      }
    default:
      return (value) => value.map((byte, i) => (byte & (mask?.value?.[i] ?? 0xff)) ^ (xor?.value?.[i] ?? 0)) as Buffer
  }
}

function bits(op: 'and' | 'or' | 'xor', a: number, b: number): number {
  if (op === 'and') return a & b
  return op === 'or' ? a | b : a ^ b
}

/** Less than a word has, which the kernel makes sure of. */
function shiftCount(bytes: Buffer | undefined): number {
  return bytes === undefined || bytes.length < 4 ? 0 : numberOfHost(bytes.subarray(0, 4)) & 31
}

/** The kernel shifts words in host order, the first being the highest (nft_bitwise_eval_lshift, _rshift). */
function shifted(value: Buffer, op: '<<' | '>>', count: number): Buffer {
  const whole = Buffer.concat([value, Buffer.alloc((4 - (value.length % 4)) % 4)])
  const words = Array.from({ length: whole.length / 4 }, (_, i) => numberOfHost(whole.subarray(i * 4, i * 4 + 4)))
  const width = words.length * 32
  const number = words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
  const moved = BigInt.asUintN(width, op === '<<' ? number << BigInt(count) : number >> BigInt(count))
  const word = (i: number): number => Number((moved >> BigInt(width - 32 * (i + 1))) & 0xffffffffn)
  return Buffer.concat(words.map((_, i) => hostNumber(word(i), 'u32')))
}

/** Swaps the bytes of each number, on hosts that store the low byte first. */
function byteOrder({
  sreg = 0,
  dreg = 0,
  length = 0,
  size = 0,
}: NfExpressionOf<'byteorder'>): (passage: Passage) => StepResult {
  const swaps = hostNumber(1, 'u16')[0] === 1 && length % size === 0
  return ({ registers }) => {
    const value = Buffer.from(registers.load(sreg, length))
    if (swaps && size === 2) value.swap16()
    else if (swaps && size === 4) value.swap32()
    else if (swaps && size === 8) value.swap64()
    registers.store(dreg, value)
    return 'next'
  }
}

/** A number that counts up, is random, or is hashed from the packet: the first one is taken. */
function chosenNumber(
  { kind, dreg = 0, modulus = 1, offset = 0 }: NfExpressionOf<'numgen'> | NfExpressionOf<'hash'>,
  { where }: RuleContext,
): (passage: Passage) => StepResult {
  const what = kind === 'hash' ? 'a hash' : 'a running or random number'
  const doubt = `${where} chooses by ${what} among ${modulus}; the first was taken`
  const value = hostNumber(offset, 'u32')
  return (passage) => {
    if (modulus > 1) passage.pending.push(doubt)
    passage.registers.store(dreg, value)
    return 'next'
  }
}

/** Address translation: what a rule asks for (net/netfilter/nft_nat.c, nft_masq.c, nft_redir.c, nft_tproxy.c). */
import type { NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import { addressText } from '../address-text.ts'
import type { Step, StepResult } from '../chain.ts'
import type { Passage } from '../passage.ts'
import { askForTranslation } from '../translation.ts'
import type { RuleContext } from './rule-context.ts'

type TranslationExpression = Extract<NfExpression, { readonly kind: 'nat' | 'masq' | 'redir' | 'tproxy' }>

/** Makes a step of a translation. */
export function translationStep(expression: TranslationExpression, context: RuleContext): Step {
  return { acts: true, run: running(expression, context) }
}

function running(expression: TranslationExpression, { where }: RuleContext): (passage: Passage) => StepResult {
  switch (expression.kind) {
    case 'nat':
      return (passage) => translate(passage, expression, where)
    case 'masq':
      return (passage) =>
        askForTranslation(passage, { kind: 'masquerade', ports: portRange(passage, expression) }, where)
    case 'redir':
      return (passage) => askForTranslation(passage, { kind: 'redirect', ports: portRange(passage, expression) }, where)
    case 'tproxy':
      return (passage) => intercept(passage, where)
  }
}

function translate(passage: Passage, expression: NfExpressionOf<'nat'>, where: string): StepResult {
  const { sregAddressMin, sregAddressMax, type, flags = 0 } = expression
  const length = passage.packet.family === 'ipv4' ? 4 : 16
  const address = (register: number): string => addressText(passage.registers.load(register, length), 0, length)
  const addresses =
    sregAddressMin === undefined
      ? undefined
      : { lowest: address(sregAddressMin), highest: address(sregAddressMax ?? sregAddressMin) }
  return askForTranslation(
    passage,
    {
      kind: type === 'dnat' ? 'dnat' : 'snat',
      ports: portRange(passage, expression),
      ...(addresses === undefined ? {} : { addresses }),
      wholeNetwork: (flags & NETMAP) !== 0,
    },
    where,
  )
}

/** NF_NAT_RANGE_NETMAP */
const NETMAP = 1 << 6

interface PortRegisters {
  readonly sregPortMin?: number
  readonly sregPortMax?: number
}

function portRange(
  passage: Passage,
  { sregPortMin, sregPortMax }: PortRegisters,
): { lowest: number; highest: number } | undefined {
  if (sregPortMin === undefined) return undefined
  const port = (register: number): number => passage.registers.load(register, 2).readUInt16BE(0)
  return { lowest: port(sregPortMin), highest: port(sregPortMax ?? sregPortMin) }
}

/** Whether a socket takes the packet depends on sockets, which rules alone do not tell; the packet goes on unchanged. */
function intercept(passage: Passage, where: string): StepResult {
  passage.doubts.push(`${where} hands the packet to a transparent proxy, if one listens`)
  return 'next'
}

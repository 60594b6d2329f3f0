/** Targets of iptables (iptables-extensions(8)) as steps. */
import type { IptablesExtension, IptablesOption } from '../../../kernel/index.ts'
import type { Step, StepResult } from '../chain.ts'
import type { Passage } from '../passage.ts'
import { untrackedFlow } from '../tracking.ts'
import { askForTranslation, type TranslationRequest } from '../translation.ts'
import { valueAndMask } from './number-test.ts'

/** Targets that leave the packet alone. */
const bystanders = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TCPMSS',
  'TRACE',
  'CHECKSUM',
  'DSCP',
  'TOS',
  'ECN',
  'TEE',
  'AUDIT',
  'CLASSIFY',
  'SET',
  'RATEEST',
  'SECMARK',
  'CONNSECMARK',
  'IDLETIMER',
  'LED',
  'TCPOPTSTRIP',
  'HMARK',
  'mark',
])

/** Makes a step of a target. */
export function targetStep(extension: IptablesExtension, where: string): Step {
  if (bystanders.has(extension.name)) return { acts: false, run: () => 'next' }
  return { acts: true, run: running(extension, where) }
}

function running(extension: IptablesExtension, where: string): (passage: Passage) => StepResult {
  const { name, options } = extension
  switch (name) {
    case 'REJECT':
      return () => ({ kind: 'reject', answer: optionValue(options, 'reject-with') ?? 'icmp-port-unreachable' })
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
    case 'NETMAP': {
      const request = translationRequest(extension)
      return (passage) =>
        request === undefined
          ? undecided(passage, extension, where)
          : askForTranslation(passage, forHook(request, name, passage), where)
    }
    case 'MARK':
      return marking(extension, where)
    case 'CONNMARK':
      return connectionMarking(extension, where)
    case 'NOTRACK':
      return keepUntracked
    case 'CT':
      return (passage) => trackingTarget(passage, options ?? [])
    case 'NFQUEUE':
    case 'QUEUE':
    case 'SYNPROXY':
      return () => ({ kind: 'taken' })
    case 'TTL':
    case 'HL':
      return () => 'next'
    default:
      return (passage) => undecided(passage, extension, where)
  }
}

/** Nobody here knows the target: the packet is taken to go on. */
function undecided(passage: Passage, { name }: IptablesExtension, where: string): StepResult {
  passage.doubts.push(`${where} has the target ${name}, whose effect is not known; the packet was taken to pass it`)
  return 'next'
}

function optionValue(options: readonly IptablesOption[] | undefined, name: string): string | undefined {
  return options?.find((option) => option.name === name)?.values[0]
}

const kinds = {
  SNAT: 'snat',
  DNAT: 'dnat',
  MASQUERADE: 'masquerade',
  REDIRECT: 'redirect',
  NETMAP: 'dnat',
} as const

function translationRequest({ name, options }: IptablesExtension): TranslationRequest | undefined {
  if (options === undefined) return undefined
  const kind = kinds[name as keyof typeof kinds]
  if (kind === 'masquerade' || kind === 'redirect') {
    return { kind, ports: rangeOf(optionValue(options, 'to-ports')) }
  }
  const to = optionValue(options, 'to-source') ?? optionValue(options, 'to-destination') ?? optionValue(options, 'to')
  if (to === undefined) return undefined
  const { addresses, ports } = splitRange(to)
  return { kind, ports, ...(addresses === undefined ? {} : { addresses }), wholeNetwork: name === 'NETMAP' }
}

/** NETMAP translates the source where packets leave, the destination where they come in. */
function forHook(request: TranslationRequest, name: string, { visit }: Passage): TranslationRequest {
  const leaves = visit.hook === 'postrouting' || visit.hook === 'input'
  return name === 'NETMAP' && leaves ? { ...request, kind: 'snat' } : request
}

/** `10.0.0.1-10.0.0.9:1000-2000`, `[fd00::1]:80`, `fd00::1`, `:80` */
function splitRange(text: string): Pick<TranslationRequest, 'addresses' | 'ports'> {
  const bracketed = /^\[(.*)\](?::(.*))?$/.exec(text)
  const plain = text.includes('.') || text.startsWith(':') ? /^([^:]*)(?::(.*))?$/.exec(text) : null
  const [, addresses = text, ports] = bracketed ?? plain ?? []
  const [lowest = '', highest = lowest] = addresses.split('-')
  return { ...(addresses === '' ? {} : { addresses: { lowest, highest } }), ports: rangeOf(ports) }
}

function rangeOf(text: string | undefined): { lowest: number; highest: number } | undefined {
  if (text === undefined) return undefined
  const [low = '', high = low] = (text.split('/')[0] ?? '').split('-')
  return { lowest: Number(low), highest: Number(high) }
}

function marking(extension: IptablesExtension, where: string): (passage: Passage) => StepResult {
  const text = optionValue(extension.options, 'set-xmark')
  if (text === undefined) return (passage) => undecided(passage, extension, where)
  const { value, mask } = valueAndMask(text)
  return (passage) => {
    const mark = ((passage.packet.mark & ~mask) ^ value) >>> 0
    if (mark !== passage.packet.mark) passage.become({ ...passage.packet, mark })
    return 'next'
  }
}

function connectionMarking(extension: IptablesExtension, where: string): (passage: Passage) => StepResult {
  const options = extension.options ?? []
  const mode = ['set-xmark', 'save-mark', 'restore-mark'].find((name) => options.some((option) => option.name === name))
  if (mode === undefined || options.some(({ name }) => name.endsWith('shift-mark'))) {
    return (passage) => undecided(passage, extension, where)
  }
  const { value, mask } = valueAndMask(optionValue(options, 'set-xmark') ?? '0')
  const [packetMask, flowMask] = [
    Number(optionValue(options, 'nfmask') ?? 0xffffffff),
    Number(optionValue(options, 'ctmask') ?? 0xffffffff),
  ]
  return (passage) => {
    const { tracked: flow, packet } = passage
    if (flow === undefined) return 'next'
    if (mode === 'restore-mark') {
      const mark = ((packet.mark & ~packetMask) ^ (flow.mark & flowMask)) >>> 0
      if (mark !== packet.mark) passage.become({ ...packet, mark })
    } else if (mode === 'save-mark') {
      passage.flow = { ...flow, mark: ((flow.mark & ~flowMask) ^ (packet.mark & packetMask)) >>> 0 }
    } else {
      passage.flow = { ...flow, mark: ((flow.mark & ~mask) ^ value) >>> 0 }
    }
    return 'next'
  }
}

function keepUntracked(passage: Passage): StepResult {
  if (passage.flow === undefined) passage.flow = untrackedFlow(passage.packet)
  return 'next'
}

function trackingTarget(passage: Passage, options: readonly IptablesOption[]): StepResult {
  if (options.some(({ name }) => name === 'notrack')) return keepUntracked(passage)
  passage.zone = Number(optionValue(options, 'zone') ?? 0)
  return 'next'
}

/** Matches on connection tracking: `conntrack` and its ancestor `state` (net/netfilter/xt_conntrack.c). */
import type { IptablesOption } from '../../../kernel/index.ts'
import type { FlowTuple } from '../../path/packet.ts'
import { networkTest } from '../network.ts'
import type { Passage } from '../passage.ts'
import type { Condition } from './condition.ts'
import { portsTest } from './number-test.ts'

/** The question that an option asks. A packet of no flow meets conditions on its state alone. */
export function conntrackCondition(option: IptablesOption): Condition {
  const {
    name,
    values: [value = ''],
  } = option
  switch (name) {
    case 'state':
    case 'ctstate':
      return stateCondition(value)
    case 'ctproto':
      return ({ tracked, packet }) => tracked !== undefined && packet.protocol === Number(value)
    case 'ctstatus':
      return statusCondition(value)
    case 'ctdir':
      return ({ tracked, visit }) => tracked !== undefined && visit.reply === (value === 'REPLY')
    default:
      return tupleCondition(name, value)
  }
}

/** Its bits SNAT and DNAT are about the flow, the others about the packet. */
function stateCondition(value: string): Condition {
  const states = new Set(value.toLowerCase().split(','))
  return (passage) => {
    const flow = passage.tracked
    return (
      states.has(passage.connectionState) ||
      (states.has('snat') && flow?.sourceTranslated === true) ||
      (states.has('dnat') && flow?.destinationTranslated === true)
    )
  }
}

function statusCondition(value: string): Condition {
  const wanted = value.split(',')
  return ({ tracked }) => {
    if (tracked === undefined) return false
    if (wanted.includes('CONFIRMED') && tracked.unconfirmed !== true) return true
    if (wanted.includes('SEEN_REPLY') && tracked.answered) return true
    // Whether a flow is assured, or was expected, is not known of it.
    return wanted.includes('ASSURED') || wanted.includes('EXPECTED') ? undefined : wanted.includes('NONE')
  }
}

/** `ctorigsrc`, `ctrepldstport` … */
function tupleCondition(name: string, value: string): Condition {
  const parts = /^ct(orig|repl)(src|dst)(port)?$/.exec(name)
  if (parts === null) return () => undefined
  const [, side, end, port] = parts
  const test = port === undefined ? networkTest(value) : portsTest(value)
  const key = ({ src: ['source', 'sourcePort'], dst: ['destination', 'destinationPort'] } as const)[
    end as 'src' | 'dst'
  ][port === undefined ? 0 : 1]
  return (passage: Passage) => {
    const tuple: FlowTuple | undefined = passage.tuple(side === 'orig' ? 'original' : 'reply')
    return tuple !== undefined && (test as (value: string | number) => boolean)(tuple[key])
  }
}

/** What the verdicts of nf_tables mean for a packet. */
import type { NfVerdict } from '../../../kernel/index.ts'
import type { Decision } from '../passage.ts'

/** The decision; undefined when nobody knows the verdict. */
export function verdictDecision(verdict: NfVerdict): Decision | undefined {
  switch (verdict.kind) {
    case 'jump':
    case 'goto':
      return verdict
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { kind: verdict.kind }
    case 'stop':
      return { kind: 'accept' }
    case 'break':
      return { kind: 'continue' }
    case 'queue':
    case 'stolen':
    case 'repeat':
      return { kind: 'taken' }
    case 'unknown':
      return undefined
  }
}

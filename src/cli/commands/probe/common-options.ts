/** Arguments and options that several probes have. */
import type { ArgumentSpec, OptionSpec } from '../../command.ts'

/** FROM */
export const from: ArgumentSpec = {
  name: 'FROM',
  summary: 'The namespace to probe from.',
  required: true,
  completes: 'target',
}

/** TO */
export const to: ArgumentSpec = {
  name: 'TO',
  summary: 'An address, a name as FROM resolves it, or a target.',
  required: true,
  completes: 'target',
}

/** `--json` */
export const json: OptionSpec = { long: '--json', summary: 'Answer with one JSON document.' }

/** `-4` and `-6` */
export const families: readonly OptionSpec[] = [
  { long: '--ipv4', short: '-4', summary: 'Use IPv4 only.' },
  { long: '--ipv6', short: '-6', summary: 'Use IPv6 only.' },
]

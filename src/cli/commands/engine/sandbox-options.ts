/** Options by which a sandbox is described: those of `sandbox create` and `run`. */
import type { OptionSpec } from '../../command.ts'

/** The options. */
export const sandboxOptions: readonly OptionSpec[] = [
  { long: '--hostname', value: 'NAME', summary: 'Its host name.' },
  { long: '--domainname', value: 'NAME', summary: 'Its domain.' },
  {
    long: '--dns',
    value: 'ADDRESS',
    summary: 'Name server to ask instead of the host’s.',
    repeatable: true,
  },
  {
    long: '--dns-search',
    value: 'DOMAIN',
    summary: 'Domain in which names are looked for.',
    repeatable: true,
  },
  {
    long: '--dns-option',
    value: 'OPTION',
    summary: 'Option of resolv.conf, as ndots:2.',
    repeatable: true,
  },
  {
    long: '--add-host',
    value: 'NAME:ADDRESS',
    summary: 'Line of its hosts file.',
    repeatable: true,
  },
  {
    long: '--label',
    short: '-l',
    value: 'KEY=VALUE',
    summary: 'Label.',
    repeatable: true,
  },
]

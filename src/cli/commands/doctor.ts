/** `netwright doctor`: what is wrong on this host. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const doctorCommand: CommandSpec = {
  name: 'doctor',
  summary: 'Say what is wrong on this host, and what mends it.',
  description:
    'Examines every namespace of this host: links, bridges, addresses, routes, neighbours, overlay networks, filters, names ' +
    'and resolvers, and holds them against what Docker and others have on record. Each finding says what is wrong, where it ' +
    'was seen, and which commands mend it. Nothing is changed and no packet is sent, unless --fix or --probe is given.\n\n' +
    'Findings are errors (something does not work), warnings (something will not work one day, or not well) and remarks. ' +
    'Ends with 0 when there is neither error nor warning, else with 1.\n\n' +
    '--fix shows and runs the commands of safe fixes of errors and warnings, then looks again whether each has helped. A fix ' +
    'that could hurt, and a remark’s, is applied only when its code is named behind --fix.',
  arguments: [
    { name: 'TARGET', summary: 'Report about this namespace only.', required: false, completes: 'target' },
    {
      name: 'CODE',
      summary: 'With --fix: mend these findings only, also where it could hurt.',
      required: false,
      variadic: true,
    },
  ],
  options: [
    { long: '--fix', summary: 'Mend what can safely be mended.' },
    { long: '--dry-run', summary: 'With --fix: show what would be done, and do nothing.' },
    { long: '--only', value: 'CODES', summary: 'Report these codes only, with commas between them.' },
    { long: '--probe', summary: 'Also ask resolvers whether they answer.' },
    { long: '--json', summary: 'Answer with one JSON document.' },
  ],
  examples: [
    { command: 'netwright doctor', explains: 'Examine the host.' },
    { command: 'netwright doctor docker:web', explains: 'Examine one container’s network.' },
    { command: 'netwright doctor --fix', explains: 'Mend what is safe to mend.' },
    {
      command: 'netwright doctor --fix address-duplicate',
      explains: 'Mend this too, which takes an address from somebody.',
    },
  ],
  load: () => import('./doctor/run.ts'),
}

/** `netwright __complete`: what the completion scripts ask while someone types. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const completeCommand: CommandSpec = {
  name: '__complete',
  hidden: true,
  summary: 'Print words that completion offers, one a line.',
  arguments: [
    {
      name: 'KIND',
      summary: 'Of what: targets, networks or sandboxes.',
      required: true,
      completes: ['targets', 'networks', 'sandboxes'],
    },
  ],
  examples: [{ command: 'netwright __complete targets', explains: 'A word for every namespace that is there now.' }],
  load: () => import('./complete/run.ts'),
}

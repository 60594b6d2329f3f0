/** A small program with every feature that specs have, for the tests of the frame. */
import type { CommandSpec } from '../command.ts'

/** Its commands have no code: the tests look at how they are read and described. */
export const sampleProgram: CommandSpec = {
  name: 'netwright',
  summary: 'a sample',
  examples: [],
  commands: [
    {
      name: 'map',
      summary: "Draw what's there: everything.",
      arguments: [{ name: 'TARGET', summary: 'Only this.', required: false, completes: 'target' }],
      options: [
        { long: '--json', short: '-j', summary: 'For programs.' },
        { long: '--format', short: '-f', value: 'FORMAT', summary: 'How [it] looks.', choices: ['text', 'svg', 'dot'] },
        { long: '--from-file', value: 'FILE', summary: 'Read this.', completes: 'file' },
        { long: '--only', value: 'KIND', summary: 'Show these.', repeatable: true },
      ],
      examples: [{ command: 'netwright map', explains: 'All of it.' }],
    },
    {
      name: 'ns',
      summary: 'Names.',
      examples: [],
      commands: [
        { name: 'list', summary: 'List them.', options: [{ long: '--json', summary: 'For programs.' }], examples: [] },
        {
          name: 'exec',
          summary: 'Run inside.',
          passThrough: true,
          arguments: [
            { name: 'TARGET', summary: 'Where.', required: true, completes: 'target' },
            { name: 'COMMAND', summary: 'What.', required: true, variadic: true },
          ],
          options: [{ long: '--mount', summary: 'With its files.' }],
          examples: [{ command: 'netwright ns exec host -- ip -j addr', explains: 'Addresses.' }],
        },
      ],
    },
    {
      name: 'merge',
      summary: 'Merge.',
      arguments: [{ name: 'FILE', summary: 'Which.', required: true, variadic: true, completes: 'file' }],
      examples: [],
    },
    { name: '__secret', summary: 'Hidden.', hidden: true, examples: [] },
  ],
}

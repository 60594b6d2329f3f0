import { expect, test } from 'vitest'
import { CannotError, type CommandSpec, type Invocation, type Terminal } from '../command.ts'
import { runCommandLine } from './program.ts'

function recorder() {
  const said = { answer: '', remarks: '' }
  const terminal: Terminal = {
    interactive: false,
    colour: false,
    columns: undefined,
    async answer(text) {
      said.answer += text
    },
    remark(text) {
      said.remarks += text
    },
  }
  return { said, surroundings: { terminal, environment: {}, signal: new AbortController().signal } }
}

function programOf(run: (invocation: Invocation) => Promise<number>): CommandSpec {
  const show: CommandSpec = {
    name: 'show',
    summary: 'Show.',
    arguments: [{ name: 'TARGET', summary: 'What.', required: true }],
    options: [{ long: '--json', summary: 'For programs.' }],
    examples: [],
    load: async () => ({ run }),
  }
  return { name: 'netwright', summary: 'a sample', examples: [], commands: [show] }
}

test('a command gets what was typed, and its exit code is that of the program', async () => {
  const { said, surroundings } = recorder()
  const program = programOf(async ({ arguments: { TARGET }, options, terminal }) => {
    await terminal.answer(`${TARGET} ${options['json']}`)
    return 1
  })
  expect(await runCommandLine(program, ['show', '--json', 'host'], surroundings)).toBe(1)
  expect(said).toEqual({ answer: 'host true', remarks: '' })
})

test('a failure of the command becomes an exit code and one remark', async () => {
  const { said, surroundings } = recorder()
  const program = programOf(async () => {
    throw new CannotError('there is no host')
  })
  expect(await runCommandLine(program, ['show', 'host'], surroundings)).toBe(3)
  expect(said).toEqual({ answer: '', remarks: 'netwright show: there is no host' })
})

test('a command line that is wrong runs nothing', async () => {
  const { said, surroundings } = recorder()
  const program = programOf(() => Promise.reject(new Error('not reached')))
  expect(await runCommandLine(program, ['show'], surroundings)).toBe(2)
  expect(said.remarks).toBe('netwright show: argument TARGET is missing; see: netwright show --help')
})

test('help that was asked for is the answer; help that was not is a remark', async () => {
  const asked = recorder()
  expect(
    await runCommandLine(
      programOf(async () => 0),
      ['--help'],
      asked.surroundings,
    ),
  ).toBe(0)
  expect(asked.said.answer).toContain('Usage: netwright')
  const unasked = recorder()
  expect(
    await runCommandLine(
      programOf(async () => 0),
      [],
      unasked.surroundings,
    ),
  ).toBe(2)
  expect(unasked.said).toMatchObject({ answer: '', remarks: expect.stringContaining('Usage: netwright') })
})

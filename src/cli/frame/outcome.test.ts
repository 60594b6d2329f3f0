import { expect, test } from 'vitest'
import { CannotError, UsageError } from '../command.ts'
import { outcomeOf } from './outcome.ts'
import { CommandLineError } from './parse.ts'
import { sampleProgram } from './sample-program.ts'

const path = [sampleProgram, sampleProgram.commands![0]!]

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

test('a wrong command line ends with 2, and says where to look', () => {
  expect(outcomeOf(new UsageError('TARGET is empty'), path, {})).toEqual({
    code: 2,
    message: 'netwright map: TARGET is empty; see: netwright map --help',
  })
})

test('a command line that was not understood is blamed on the command that was found so far', () => {
  expect(outcomeOf(new CommandLineError([sampleProgram], 'unknown command mpa'), path, {}).message).toBe(
    'netwright: unknown command mpa; see: netwright --help',
  )
})

test('what cannot be done ends with 3 and its own sentence', () => {
  expect(outcomeOf(new CannotError('there is no container web; see: docker ps'), path, {})).toEqual({
    code: 3,
    message: 'netwright map: there is no container web; see: docker ps',
  })
})

test.each([
  ['ENOENT', /^netwright map: it failed$/],
  ['EPERM', /^netwright map: it failed; (run it as root|root lacks a capability here)/],
  ['EMFILE', /ulimit -n/],
  ['EOPNOTSUPP', /this kernel lacks it/],
])('a refusal with %s ends with 3 and says what to do', (code, message) => {
  const outcome = outcomeOf(systemError(code, 'it failed.'), path, {})
  expect(outcome.code).toBe(3)
  expect(outcome.message).toMatch(message)
})

test.each([
  [new TypeError('x is undefined'), 'unexpected failure, TypeError: x is undefined; NETWRIGHT_DEBUG=1 shows where'],
  [systemError('ERR_INVALID_ARG_TYPE', 'bad'), 'unexpected failure, Error: bad; NETWRIGHT_DEBUG=1 shows where'],
  ['thrown text', 'unexpected failure, thrown text; NETWRIGHT_DEBUG=1 shows where'],
])('a bug ends with 3 and one line: %s', (error, sentence) => {
  expect(outcomeOf(error, path, {})).toEqual({ code: 3, message: `netwright map: ${sentence}` })
})

test('the stack is shown when it is asked for', () => {
  const { message } = outcomeOf(new TypeError('x'), path, { NETWRIGHT_DEBUG: '1' })
  expect(message).toContain('outcome.test.ts')
})

test('a message from outside stays one harmless line', () => {
  const { message } = outcomeOf(new CannotError(`no container ${'\x1b[31m\n'.repeat(5000)}`), path, {})
  expect(message).not.toMatch(/[\x00-\x1f]/)
  expect(message.length).toBeLessThan(1100)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { root } from './run-program.ts'

/** A program whose one command waits for the first signal, says so, and then goes on as its mode says. */
const script = `
import { runProcess } from './src/cli/frame/program.ts'
const run = async ({ terminal, signal, arguments: { MODE } }) => {
  await terminal.answer('ready\\n')
  const alive = setInterval(() => {}, 1000)
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  await terminal.answer('summary\\n')
  if (MODE === 'stubborn') await new Promise(() => {})
  clearInterval(alive)
  return 1
}
const wait = { name: 'wait', summary: '', examples: [], arguments: [{ name: 'MODE', summary: '', required: true }], load: async () => ({ run }) }
await runProcess({ name: 'netwright', summary: '', examples: [], commands: [wait] }, ['wait', process.argv[1]])
`

async function waiting(mode: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, mode], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('ready')
  return { child, lines, ended: once(child, 'exit') }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s lets a command end tidily, with its own exit code', async (signal) => {
  const { child, lines, ended } = await waiting('tidy')
  child.kill(signal)
  expect((await lines.next()).value).toBe('summary')
  expect(await ended).toEqual([1, null])
})

test('a second signal ends the program at once', async () => {
  const { child, lines, ended } = await waiting('stubborn')
  child.kill('SIGINT')
  expect((await lines.next()).value).toBe('summary')
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
})

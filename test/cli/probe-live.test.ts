/** The live pictures of `netwright probe` in a real terminal of 80 columns, by tmux. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProbeWorld } from '../probe/probe-world.ts'
import { until } from '../support/holder.ts'
import { programWords } from '../support/program.ts'

const world = new ProbeWorld('probelive')
/** A server of tmux's own, so that nobody's sessions are touched. */
const SOCKET = `nwt-probe-${process.pid}`
let here = ''

beforeAll(async () => {
  here = world.add('client').name
  const there = world.add('server').name
  world.join(here, ['e0', '10.87.0.1/24'], there, ['e0', '10.87.0.2/24'])
  world.inside(there, ['addr add 10.87.0.3/24 dev e0'])
  await world.settle()
})

afterAll(async () => {
  try {
    tmux('kill-server')
  } catch {
    // The last session's end has ended it.
  }
  await world.close()
})

function tmux(...words: readonly string[]): string {
  return execFileSync('tmux', ['-L', SOCKET, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** Starts a command in a terminal; afterwards the terminal tells its exit code. */
function start(session: string, words: readonly string[], environment = ''): void {
  const command = [...programWords(['probe', ...words])].map((word) => `'${word}'`).join(' ')
  // The shell lives on when Ctrl-C ends the command.
  const shell = `trap : INT; ${environment} ${command}; echo "exit code $?"; exec sleep 60`
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', session, '-x', '80', '-y', '24', 'sh', '-c', shell)
}

/** What is on the screen; with `-e` its colours too. */
const screen = (session: string, ...more: readonly string[]): string =>
  tmux('capture-pane', '-p', '-t', session, ...more)

const linesOf = (session: string): string[] =>
  screen(session)
    .split('\n')
    .filter((line) => line.trim() !== '')

test('ping of several targets is one table that changes, and ends with Ctrl-C', async () => {
  start('ping', ['ping', `ns:${here}`, '10.87.0.2', '10.87.0.3', '10.87.0.99', '-c', '0', '-i', '50ms', '-W', '100ms'])
  await until(() => / 10 /.test(screen('ping')) || /^10\.87\.0\.2 +\d\d /m.test(screen('ping')))
  const running = linesOf('ping')
  expect(running).toHaveLength(4)
  expect(running[0]).toMatch(/^TARGET +SENT +LOST/)
  expect(running.every((line) => line.length <= 80)).toBe(true)
  expect(running[3]).toMatch(/^10\.87\.0\.99 +\d+ +100 % /)
  expect(screen('ping', '-e')).toContain('\u001b[')
  tmux('send-keys', '-t', 'ping', 'C-c')
  await until(() => screen('ping').includes('exit code'))
  expect(screen('ping')).toContain('exit code 1')
  expect(linesOf('ping').filter((line) => line.startsWith('TARGET'))).toHaveLength(1)
  expect(tmux('display-message', '-p', '-t', 'ping', '#{cursor_flag}').trim()).toBe('1')
})

test('a path changes in place, without colour when none is wanted', async () => {
  start('path', ['path', `ns:${here}`, '10.87.0.2', '-c', '0', '-i', '50ms'], 'NO_COLOR=1')
  await until(() => screen('path').includes('reached'))
  const running = linesOf('path')
  expect(running[0]).toMatch(/HOP +LOST +BEST +AVG +WORST$/)
  expect(running[1]).toMatch(/^1 +10\.87\.0\.2 \(ns:nwt/)
  expect(running).toHaveLength(3)
  expect(running.every((line) => line.length <= 80)).toBe(true)
  expect(screen('path', '-e')).not.toContain('\u001b[')
  tmux('send-keys', '-t', 'path', 'C-c')
  await until(() => screen('path').includes('exit code 0'))
  expect(linesOf('path')).toHaveLength(4)
})

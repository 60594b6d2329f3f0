import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { built } from './run-program.ts'

/** Milliseconds that each of the commands takes at its best, measured in turns so that a busy moment meets all of them. */
function fastest(...commands: readonly string[][]): number[] {
  const best = commands.map(() => Number.POSITIVE_INFINITY)
  for (let turn = 0; turn < 15; turn++) {
    commands.forEach((words, index) => {
      const started = performance.now()
      spawnSync(process.execPath, words)
      best[index] = Math.min(best[index]!, performance.now() - started)
    })
  }
  return best
}

test('--version costs at most one and a half times an empty Node', () => {
  const [empty, version] = fastest(['-e', '0'], [built, '--version'])
  expect(version! / empty!).toBeLessThan(1.5)
})

test('help costs little more: no code of any command is run for it', () => {
  const [empty, help] = fastest(['-e', '0'], [built, 'help'])
  expect(help! / empty!).toBeLessThan(1.5)
})

import { describe, expect, test } from 'vitest'
import type { CommandSpec } from '../../src/cli/command.ts'
import { program } from '../../src/cli/commands/index.ts'
import { parseCommandLine } from '../../src/cli/frame/parse.ts'
import { version } from '../../src/cli/version.ts'
import { built, netwright, run } from './run-program.ts'

/** Every command that does something, as the words that call it. */
function commands(spec: CommandSpec, words: readonly string[] = []): { words: readonly string[]; spec: CommandSpec }[] {
  return [{ words, spec }, ...(spec.commands ?? []).flatMap((command) => commands(command, [...words, command.name]))]
}

const all = commands(program).map(({ words, spec }) => ({ line: words.join(' '), words, spec }))
const runnable = all.filter(({ spec }) => spec.commands === undefined)

test.each(all)('netwright $line --help explains itself with an example', ({ words, spec }) => {
  const { code, answer, remarks } = netwright([...words, '--help'])
  expect({ code, remarks }).toEqual({ code: 0, remarks: '' })
  expect(answer).toContain(`Usage: netwright ${words.join(' ')}`.trimEnd())
  expect(answer).toContain(`Examples:\n  ${spec.examples[0]!.command}\n`)
  expect(answer).not.toMatch(/ $/m)
  expect(Math.max(...answer.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test.each(runnable)('netwright $line refuses an option that it does not know, in one line', ({ words }) => {
  const { code, answer, remarks } = netwright([...words, '--no-such-option'])
  const name = ['netwright', ...words].join(' ')
  expect({ code, answer }).toEqual({ code: 2, answer: '' })
  expect(remarks).toMatch(new RegExp(`^${name}: unknown option --no-such-option.*; see: ${name} --help\n$`))
})

test.each(all)('the examples of netwright $line are command lines that it understands', ({ spec }) => {
  for (const { command } of spec.examples) {
    const [, line = ''] = /netwright ([^>)|]*)/.exec(command) ?? []
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
    expect(parseCommandLine(program, words)).toMatchObject({ kind: 'run' })
  }
})

test('a mistyped command is named, with the one that was meant', () => {
  const { code, remarks } = netwright(['hepl'])
  expect(code).toBe(2)
  expect(remarks).toBe('netwright: unknown command hepl (did you mean help?); see: netwright --help\n')
})

test('the name of the program or of a group alone shows help on standard error, and is no success', () => {
  expect(netwright([])).toMatchObject({ code: 2, answer: '', remarks: expect.stringContaining('Usage: netwright') })
  expect(netwright(['ns'])).toMatchObject({
    code: 2,
    answer: '',
    remarks: expect.stringContaining('netwright ns COMMAND'),
  })
})

test('help COMMAND is COMMAND --help', () => {
  expect(netwright(['help', 'ns', 'attach'])).toEqual(netwright(['ns', 'attach', '--help']))
})

test('the version is that of the package', () => {
  expect(netwright(['--version'])).toEqual({ code: 0, answer: `${version()}\n`, remarks: '' })
  expect(netwright(['-V']).answer).toBe(`${version()}\n`)
})

describe('standard output', () => {
  test('a reader that goes away ends the program quietly', () => {
    const { answer, remarks } = run('bash', ['-c', `set -o pipefail; "${built}" completion bash | true; echo $?`])
    expect({ answer, remarks }).toEqual({ answer: '0\n', remarks: '' })
  })

  test('a full disk is a failure that is told', () => {
    const { answer, remarks } = run('bash', ['-c', `"${built}" completion bash > /dev/full; echo $?`])
    expect(answer).toBe('3\n')
    expect(remarks).toMatch(/^netwright completion: ENOSPC: .*\n$/)
  })

  test('a large answer reaches a slow reader through a pipe that does not wait', () => {
    const script = `
      import { processTerminal } from './src/cli/frame/terminal.ts'
      const terminal = processTerminal({ environment: {}, abandoned: () => process.exit(9) })
      await terminal.answer('x'.repeat(3_000_000))
      await terminal.answer('end')`
    const reader = `import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
child = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(0.5)
data = b''
while chunk := os.read(r, 1 << 16): data += chunk
print(len(data), data[-3:].decode(), child.wait())`
    const words = ['-c', reader, process.execPath, '--import', 'tsx', '--input-type=module', '-e', script]
    expect(run('python3', words)).toEqual({ code: 0, answer: '3000003 end 0\n', remarks: '' })
  })
})

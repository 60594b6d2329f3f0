import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bashCompletion } from '../../src/cli/frame/completion/bash.ts'
import { fishCompletion } from '../../src/cli/frame/completion/fish.ts'
import { zshCompletion } from '../../src/cli/frame/completion/zsh.ts'
import { sampleProgram } from '../../src/cli/frame/sample-program.ts'
import { netwright, run } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'netwright-completion-'))
const scripts = { bash: join(folder, 'bash'), zsh: join(folder, 'zsh'), fish: join(folder, 'fish') }
const marker = join(folder, 'executed')
const environment = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder }

/** A `netwright` in the PATH that knows some targets, one of which tries to be code. */
const targets = ['host', 'ns:red', 'ns:blue', 'docker:web', `ns:$(touch\${IFS}${marker})`]

beforeAll(() => {
  writeFileSync(scripts.bash, bashCompletion(sampleProgram))
  writeFileSync(scripts.zsh, zshCompletion(sampleProgram))
  writeFileSync(scripts.fish, fishCompletion(sampleProgram))
  const program = `#!/bin/sh\n[ "$*" = "__complete targets" ] && cat <<'END'\n${targets.join('\n')}\nEND\n`
  writeFileSync(join(folder, 'netwright'), program)
  chmodSync(join(folder, 'netwright'), 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

const complete = {
  bash(line: string): string[] {
    const script = `source ${scripts.bash}; COMP_LINE=$1; COMP_POINT=\${#1}; _netwright netwright; printf '%s\\n' "\${COMPREPLY[@]}"`
    return offers(run('bash', ['--norc', '-c', script, 'bash', line], environment).answer)
  },
  zsh(line: string): string[] {
    const hits = join(folder, 'hits')
    writeFileSync(hits, '')
    run('zsh', ['-f', join(import.meta.dirname, 'capture-zsh.zsh'), scripts.zsh, hits, line], environment)
    return offers(readFileSync(hits, 'utf8').replace('(end)', ''))
  },
  fish(line: string): string[] {
    const words = ['--no-config', '-c', `source ${scripts.fish}; complete -C $argv[1]`, line]
    return offers(run('fish', words, environment).answer).map((offer) => offer.split('\t')[0]!)
  },
}

function offers(text: string): string[] {
  return [...new Set(text.split('\n').filter((line) => line !== ''))].sort()
}

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  const offered = complete[shell]

  test('commands, and those of a group, but no hidden ones', () => {
    expect(offered('netwright ')).toEqual(['map', 'merge', 'ns'])
    expect(offered('netwright m')).toEqual(['map', 'merge'])
    expect(offered('netwright ns ')).toEqual(['exec', 'list'])
  })

  test('options of the command', () => {
    const found = offered('netwright map --')
    expect(found).toEqual(expect.arrayContaining(['--format', '--from-file', '--help', '--json', '--only']))
    expect(found).not.toContain('--mount')
  })

  test('values that an option allows', () => {
    expect(offered('netwright map --format ')).toEqual(['dot', 'svg', 'text'])
    expect(offered('netwright map -f d')).toEqual(['dot'])
  })

  test('files', () => {
    const found = offered('netwright map --from-file /etc/host')
    expect(found.map((path) => path.replace('/etc/', ''))).toContain('hosts')
  })

  test('targets that are there now, behind options too', () => {
    expect(offered('netwright map ')).toEqual(expect.arrayContaining(['docker:web', 'host']))
    expect(offered('netwright map --format svg h')).toEqual(['host'])
    expect(offered('netwright ns exec ')).toEqual(expect.arrayContaining(['docker:web', 'host']))
  })

  test('targets behind their prefix: bash completes only what stands behind the colon', () => {
    expect(offered('netwright map ns:r')).toEqual([shell === 'bash' ? 'red' : 'ns:red'])
  })

  test('a name that looks like code is not executed', () => {
    offered('netwright map ns:')
    expect(() => readFileSync(marker)).toThrow('ENOENT')
  })

  test('the script of the real program is valid', () => {
    const path = join(folder, 'real')
    const { code, answer } = netwright(['completion', shell])
    writeFileSync(path, answer)
    expect(code).toBe(0)
    expect(run(shell, ['-n', path])).toEqual({ code: 0, answer: '', remarks: '' })
  })
})

test('bash and fish complete the other program of a command that runs one', () => {
  expect(complete.bash('netwright ns exec host -- mandoc')).toContain('mandoc')
  expect(complete.fish('netwright ns exec host mandoc')).toContain('mandoc')
})

test('a shell that is not known is refused', () => {
  expect(netwright(['completion', 'tcsh'])).toEqual({
    code: 2,
    answer: '',
    remarks:
      'netwright completion: tcsh is no shell that is known: bash, zsh or fish; see: netwright completion --help\n',
  })
})

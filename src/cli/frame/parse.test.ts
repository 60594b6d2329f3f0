import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommandLineError, parseCommandLine } from './parse.ts'
import { sampleProgram } from './sample-program.ts'

function parse(...words: string[]) {
  const understood = parseCommandLine(sampleProgram, words)
  if (understood.kind !== 'run') return understood
  const command = understood.path.map((spec) => spec.name).join(' ')
  return { command, arguments: understood.arguments, options: understood.options }
}

describe('what is understood', () => {
  test('options stand before and behind arguments, long and short', () => {
    const meaning = { command: 'netwright map', arguments: { TARGET: 'host' }, options: { json: true, format: 'svg' } }
    expect(parse('map', '--json', 'host', '--format', 'svg')).toEqual(meaning)
    expect(parse('map', '--format=svg', '-j', 'host')).toEqual(meaning)
    expect(parse('map', 'host', '-jf', 'svg')).toEqual(meaning)
    expect(parse('map', 'host', '-jfsvg')).toEqual(meaning)
  })

  test('an option of two words arrives camel-cased', () => {
    expect(parse('map', '--from-file', 'saved.json')).toMatchObject({ options: { fromFile: 'saved.json' } })
  })

  test('a repeatable option collects its values, another keeps the last', () => {
    expect(parse('map', '--only', 'a', '--only=b')).toMatchObject({ options: { only: ['a', 'b'] } })
    expect(parse('map', '-f', 'svg', '-f', 'dot')).toMatchObject({ options: { format: 'dot' } })
  })

  test('an argument that was not given is undefined, a variadic one is all the rest', () => {
    expect(parse('map')).toMatchObject({ arguments: { TARGET: undefined } })
    expect(parse('merge', 'a', 'b', 'c')).toMatchObject({ arguments: { FILE: ['a', 'b', 'c'] } })
  })

  test('behind -- nothing is an option', () => {
    expect(parse('map', '--', '--json')).toMatchObject({ arguments: { TARGET: '--json' }, options: {} })
  })

  test('a lone dash is an argument', () => {
    expect(parse('map', '-')).toMatchObject({ arguments: { TARGET: '-' } })
  })

  test.each([
    [['--mount', 'host', '--', 'ip', '-j', 'addr']],
    [['host', '--mount', '--', 'ip', '-j', 'addr']],
    [['host', '--mount', 'ip', '-j', 'addr']],
  ])('the command line of another program keeps its own options: %j', (words) => {
    expect(parse('ns', 'exec', ...words)).toEqual({
      command: 'netwright ns exec',
      arguments: { TARGET: 'host', COMMAND: ['ip', '-j', 'addr'] },
      options: { mount: true },
    })
  })

  test('what follows -- goes to the other program untouched, another -- too', () => {
    const words = ['sh', '-c', 'echo', '--', '--help', '']
    expect(parse('ns', 'exec', 'host', '--', ...words)).toMatchObject({ arguments: { COMMAND: words } })
  })

  test('help is recognised at every level, but not behind --', () => {
    expect(parse('--help')).toMatchObject({ kind: 'help', asked: true, path: [{ name: 'netwright' }] })
    expect(parse('ns', 'exec', '-h')).toMatchObject({ kind: 'help', path: [{}, {}, { name: 'exec' }] })
    expect(parse('--help', 'ns', 'list')).toMatchObject({ kind: 'help', path: [{}, {}, { name: 'list' }] })
    expect(parse('ns', 'exec', 'host', '--', 'ls', '--help')).toMatchObject({ command: 'netwright ns exec' })
  })

  test('help is shown unasked where only a group was named', () => {
    expect(parse()).toMatchObject({ kind: 'help', asked: false })
    expect(parse('ns')).toMatchObject({ kind: 'help', asked: false, path: [{}, { name: 'ns' }] })
  })

  test('the version', () => {
    expect(parse('--version')).toEqual({ kind: 'version' })
    expect(parse('-V')).toEqual({ kind: 'version' })
  })
})

describe('what is refused', () => {
  test.each([
    ['mpa', 'unknown command mpa (did you mean map?)'],
    ['__secre', 'unknown command __secre: there are map, ns, merge'],
    ['ns lsit', 'unknown command lsit (did you mean list?)'],
    ['--json map', 'option --json must follow a command'],
    ['map --jsn', 'unknown option --jsn (did you mean --json?)'],
    ['map -x', 'unknown option -x'],
    ['map --json=yes', 'option --json takes no value'],
    ['map --format', 'option --format needs a value: --format FORMAT'],
    ['map --format --json', 'option --format needs a value: --format FORMAT'],
    ['map -f sgv', 'sgv is no FORMAT for --format (did you mean svg?)'],
    ['map -f picture', 'picture is no FORMAT for --format: it is one of text, svg, dot'],
    ['map a b', 'unexpected argument b'],
    ['merge', 'argument FILE is missing'],
    ['ns exec host', 'argument COMMAND is missing'],
    ['map --constructor', 'unknown option --constructor'],
    ['map --__proto__', 'unknown option --__proto__'],
  ])('%s', (line, complaint) => {
    expect(() => parse(...line.split(' '))).toThrow(expect.objectContaining({ message: complaint }))
  })

  test('a complaint knows the command that it is about', () => {
    expect(() => parse('ns', 'list', 'x')).toThrow(
      expect.objectContaining({ path: [sampleProgram, expect.anything(), expect.objectContaining({ name: 'list' })] }),
    )
  })

  test('any words are understood or refused with a complaint, and nothing else', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('map', 'ns', 'exec', '--', '-f', '--format', '--only=', '-', '--='),
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          parse(...words)
        } catch (error) {
          expect(error).toBeInstanceOf(CommandLineError)
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../../diagnose/index.ts'
import { commandWords } from './command-words.ts'

test('plain words, quoted ones, and quotes within quotes', () => {
  expect(commandWords("nft add chain ip nat post '{ type nat hook ; }'")).toEqual([
    ...['nft', 'add', 'chain', 'ip', 'nat', 'post'],
    '{ type nat hook ; }',
  ])
  expect(commandWords("rm '/run/netns/it'\\''s'")).toEqual(['rm', "/run/netns/it's"])
})

test.each(['a | b', 'echo $HOME', 'rm *', 'a; b', 'a > b', "a 'b", '', '   ', 'a `b`', 'a && b', '~root'])(
  'not without a shell: %j',
  (line) => expect(commandWords(line)).toBeUndefined(),
)

test('what shellWord writes is read back, whatever it is', () => {
  const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1 })
  fc.assert(
    fc.property(words, (list) => {
      expect(commandWords(list.map(shellWord).join(' '))).toEqual(list)
    }),
  )
})

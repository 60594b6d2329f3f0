import { expect, test } from 'vitest'
import { addHosts, newHosts, ownLines, removeHosts } from './hosts-file.ts'

test('a new file has the usual lines and its own', () => {
  expect(newHosts([{ address: '10.60.0.2', hosts: 'test' }])).toBe(
    [
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::\tip6-localnet',
      'ff00::\tip6-mcastprefix',
      'ff02::1\tip6-allnodes',
      'ff02::2\tip6-allrouters',
      '10.60.0.2\ttest',
      '',
    ].join('\n'),
  )
})

test('a sandbox has a line for each address, its full name first', () => {
  expect(ownLines(['10.60.0.2/24', 'fd00::2/64'], 'test', 'example.org')).toEqual([
    { address: '10.60.0.2', hosts: 'test.example.org test' },
    { address: 'fd00::2', hosts: 'test.example.org test' },
  ])
  expect(ownLines(['10.60.0.2/24'], 'test', '')).toEqual([{ address: '10.60.0.2', hosts: 'test' }])
  expect(ownLines(['10.60.0.2/24'], '', 'example.org')).toEqual([])
})

test('lines are added once, behind what people wrote', () => {
  const line = { address: '10.60.0.2', hosts: 'test' }
  expect(addHosts('192.0.2.1 mine', [line])).toBe('192.0.2.1 mine\n10.60.0.2\ttest\n')
  expect(addHosts('10.60.0.2\ttest\n', [line])).toBe('10.60.0.2\ttest\n')
})

test('only the very line is removed: not another name of the address, nor another address of the name', () => {
  const text = '10.60.0.2\ttest\n\n10.60.0.2\ttest2\n10.60.0.22\ttest\n# 10.60.0.2\ttest\n10.60.0.2 test\n'
  expect(removeHosts(text, [{ address: '10.60.0.2', hosts: 'test' }])).toBe(
    '10.60.0.2\ttest2\n10.60.0.22\ttest\n# 10.60.0.2\ttest\n10.60.0.2 test\n',
  )
})

test.each(['a\n10.0.0.1 evil', 'a\tb', 'a#b', '', 'a\0', `${'x'.repeat(254)}`, 'a  b'])(
  '%j is refused as a name',
  (hosts) => {
    expect(() => addHosts('', [{ address: '10.60.0.2', hosts }])).toThrow(/hosts file/)
  },
)

test('what is no address is refused', () => {
  expect(() => newHosts([{ address: '10.60.0.2\n', hosts: 'a' }])).toThrow(/no address/)
})

import { describe, expect, test } from 'vitest'
import { addressesInHosts } from './name-resolution.ts'
import { sourcesOf } from './resolver-texts.ts'

describe('where names are looked for', () => {
  test.each([
    [undefined, ['files', 'dns']],
    ['passwd: files\n', ['files', 'dns']],
    ['hosts: files mdns4_minimal [NOTFOUND=return] dns # comment\n', ['files', 'mdns4_minimal', 'dns']],
    ['passwd: x\nhosts:\t\tdns files\n', ['dns', 'files']],
    ['hosts: files\n', ['files']],
  ])('%j', (text, order) => {
    expect(sourcesOf(text)).toEqual(order)
  })

  test('hosts: every line of a name, whatever its case; lines without an address are passed over', () => {
    const text = '127.0.0.1 localhost\n10.0.0.7\tdb db.example # main\nfd00::7 DB\nnonsense db\n#10.0.0.8 db\n'
    expect(addressesInHosts(text, 'db')).toEqual(['10.0.0.7', 'fd00::7'])
    expect(addressesInHosts(text, 'db.example.')).toEqual(['10.0.0.7'])
    expect(addressesInHosts(text, 'web')).toEqual([])
  })
})

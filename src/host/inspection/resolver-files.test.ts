import { expect, test } from 'vitest'
import { parseTableNames } from './kernel-words.ts'
import { parseHosts, parseResolvConf } from './read-dns.ts'
import { filesForHostProgram } from './resolver-files.ts'

test('resolv.conf: servers in order, the last search list, all options, no comments', () => {
  const text =
    '# made by hand\nnameserver 127.0.0.11\nnameserver fd00::1 ; second\nsearch old\nsearch a.example b.example\noptions ndots:0 edns0\n'
  expect(parseResolvConf(text)).toEqual({
    nameservers: ['127.0.0.11', 'fd00::1'],
    search: ['a.example', 'b.example'],
    options: ['ndots:0', 'edns0'],
  })
})

test('hosts: addresses with names; blank and odd lines are passed over', () => {
  expect(parseHosts('127.0.0.1\tlocalhost\n\n# x\n10.0.0.2 web web.example # this one\nalone\n')).toEqual([
    { address: '127.0.0.1', names: ['localhost'] },
    { address: '10.0.0.2', names: ['web', 'web.example'] },
  ])
})

test("a host's program is made to go by the files that it is given", () => {
  const files = [{ path: '/etc/resolv.conf', content: Buffer.from('nameserver 127.0.0.11\n') }]
  const adapted = filesForHostProgram(files, 'passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n')
  expect(adapted.map((file) => [file.path, Buffer.from(file.content).toString()])).toEqual([
    ['/etc/resolv.conf', 'nameserver 127.0.0.11\n'],
    ['/etc/nsswitch.conf', 'passwd: files\nhosts: files dns\n'],
  ])
  expect(filesForHostProgram(files, 'hosts: files dns\n')).toEqual(files)
  expect(filesForHostProgram(files, undefined)).toEqual(files)
})

test('names of routing tables, decimal and hexadecimal', () => {
  expect(parseTableNames('# reserved\n100 blue\n0x65\tred # second\nnonsense\n')).toEqual([
    [100, 'blue'],
    [101, 'red'],
  ])
})

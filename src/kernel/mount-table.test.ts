import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMountTable, parseNsfsMounts } from './mount-table.ts'

const table = Buffer.from(
  [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw,errors=continue',
    '436 27 0:4 net:[4026532200] /run/netns/a\\040b rw shared:5 master:7 unbindable - nsfs nsfs rw',
    '437 27 0:4 mnt:[4026532201] /run/snapd/ns/x.mnt rw - nsfs nsfs rw',
    '438 27 0:50 / /srv/\\134040\\012\\043end rw - tmpfs  rw,size=4k',
    '',
  ].join('\n'),
)

describe('mount table', () => {
  test('reads every field of a line', () => {
    expect(parseMountTable(table)[2]).toEqual({
      id: 436,
      parent: 27,
      device: '0:4',
      root: 'net:[4026532200]',
      mountPoint: '/run/netns/a b',
      options: 'rw',
      shared: 5,
      master: 7,
      unbindable: true,
      fileSystem: 'nsfs',
      source: 'nsfs',
      superOptions: 'rw',
    })
  })

  test('undoes escapes once only, and keeps an empty source in its place', () => {
    expect(parseMountTable(table)[4]).toMatchObject({
      mountPoint: '/srv/\\040\n#end',
      source: '',
      superOptions: 'rw,size=4k',
      shared: undefined,
    })
  })

  test('picks the mounted namespaces alone', () => {
    expect(parseNsfsMounts(table)).toEqual([
      { id: 436, type: 'net', inode: '4026532200', device: '0:4', mountPoint: '/run/netns/a b' },
      { id: 437, type: 'mnt', inode: '4026532201', device: '0:4', mountPoint: '/run/snapd/ns/x.mnt' },
    ])
  })

  test('is not fooled by a path that looks like an nsfs mount', () => {
    const line = '9 1 0:5 net:[1] /srv/\\040-\\040nsfs\\040x rw - tmpfs tmpfs rw,note=nsfs\n'
    expect(parseNsfsMounts(Buffer.from(line))).toEqual([])
  })

  test('any path survives the kernel’s escaping', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        const line = `5 1 0:4 net:[77] /${escapeAsKernel(name)} rw - nsfs nsfs rw\n`
        expect(parseNsfsMounts(Buffer.from(line))[0]?.mountPoint).toBe(`/${name}`)
      }),
    )
  })

  test('never throws, and both readings agree, on garbage put into a real table', () => {
    fc.assert(
      fc.property(fc.nat(table.length), fc.uint8Array({ maxLength: 40 }), fc.boolean(), (at, noise, replace) => {
        const tail = table.subarray(replace ? Math.min(table.length, at + noise.length) : at)
        const bytes = Buffer.concat([table.subarray(0, at), noise, tail])
        const whole = parseMountTable(bytes).filter((mount) => mount.fileSystem === 'nsfs')
        const namespaces = parseNsfsMounts(bytes).map((mount) => mount.id)
        expect(whole.map((mount) => mount.id)).toEqual(expect.arrayContaining(namespaces))
      }),
    )
  })
})

/** What seq_file's mangle_path does to the characters that would break a line apart. */
function escapeAsKernel(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

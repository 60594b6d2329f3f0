import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { Nftables, NftablesError, type NftCommand, type NftObject } from '../../src/kernel/nftables/index.ts'

const names = [`nwt-nft-${process.pid}-a`, `nwt-nft-${process.pid}-b`] as const
const opened: { close(): void }[] = []

beforeEach(() => {
  for (const name of names) execFileSync('ip', ['netns', 'add', name])
})

afterEach(() => {
  for (const one of opened.splice(0).reverse()) one.close()
  for (const name of names) execFileSync('ip', ['netns', 'delete', name])
})

function open(name: string): Nftables {
  const namespace = Namespace.open({ name })
  const nftables = Nftables.open(namespace)
  opened.push(namespace, nftables)
  return nftables
}

/** The rule set as the nft program shows it. */
function independently(name: string): NftObject[] {
  const text = execFileSync('ip', ['netns', 'exec', name, 'nft', '-j', '-a', 'list', 'ruleset'], { encoding: 'utf8' })
  return JSON.parse(text).nftables.filter((object: object) => !('metainfo' in object))
}

const table = { family: 'inet', name: 'guard' } as const
const chain = { family: 'inet', table: 'guard', name: 'transit' } as const
const base: NftCommand[] = [
  { add: { table } },
  { add: { chain: { ...chain, type: 'filter', hook: 'forward', prio: -5, policy: 'accept' } } },
]

/** A rule that drops TCP to a port. */
function dropPort(port: number, comment?: string): NftCommand {
  const left = { payload: { protocol: 'tcp', field: 'dport' } }
  const expr = [{ match: { op: '==', left, right: port } }, { counter: null }, { drop: null }] as const
  return {
    add: {
      rule: { family: 'inet', table: 'guard', chain: 'transit', expr, ...(comment === undefined ? {} : { comment }) },
    },
  }
}

test('a table, a chain and a rule in one transaction, read back as nft shows them', () => {
  const nftables = open(names[0])
  nftables.run([...base, dropPort(80)])
  const objects = nftables.list()
  expect(objects).toEqual(independently(names[0]))
  const rule = objects.flatMap((object) => ('rule' in object ? [object.rule] : []))[0]
  expect(rule?.expr.some((statement) => 'drop' in statement)).toBe(true)
  expect(objects.flatMap((object) => ('chain' in object ? [object.chain] : []))[0]).toMatchObject({
    hook: 'forward',
    prio: -5,
    policy: 'accept',
  })
})

test('single objects and single kinds are listed too', () => {
  const nftables = open(names[0])
  const other = { family: 'ip', name: 'other' } as const
  nftables.run([...base, dropPort(80), { add: { table: other } }])
  expect(nftables.list({ tables: { family: 'ip' } })).toEqual([{ table: { ...other, handle: expect.any(Number) } }])
  expect(nftables.list({ chain }).map((object) => Object.keys(object)[0])).toEqual(['chain', 'rule'])
  expect(nftables.list({ table }).map((object) => Object.keys(object)[0])).toEqual(['table', 'chain', 'rule'])
  expect(() => nftables.list({ table: { family: 'ip', name: 'absent' } })).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  )
})

test('without the library, an error says what to install', () => {
  const library = /=> (.*libnftables\.so\.1)$/m.exec(execFileSync('ldconfig', ['-p'], { encoding: 'utf8' }))![1]!
  const program = `
    import { Namespace, Nftables } from '${new URL('../../src/kernel/index.ts', import.meta.url)}'
    try { Nftables.open(Namespace.open('own')) } catch (error) { console.log(error.name, error.message) }`
  // In a mount namespace of its own, an empty file stands in the library's place.
  const command = 'mount --bind /dev/null "$0" && exec "$@"'
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program]
  const said = execFileSync('unshare', ['--mount', 'sh', '-c', command, library, ...node], { encoding: 'utf8' })
  expect(said).toMatch(/^NftablesMissingError .*package libnftables1/)
})

test('a transaction that fails leaves nothing, and its error keeps commands and text', () => {
  const nftables = open(names[0])
  const commands = [...base, { delete: { table: { family: 'ip', name: 'no-such' } } } as const]
  let error: unknown
  try {
    nftables.run(commands)
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(NftablesError)
  expect(error).toMatchObject({ commands, code: 'ENOENT', namespace: `ns:${names[0]}` })
  expect((error as NftablesError).text).toContain('No such file or directory')
  expect(independently(names[0])).toEqual([])
  expect(nftables.list()).toEqual([])
})

test('create refuses what exists', () => {
  const nftables = open(names[0])
  nftables.run(base)
  expect(() => nftables.run([{ create: { table } }])).toThrow(expect.objectContaining({ code: 'EEXIST' }))
})

test('a check changes nothing and finds what would fail', () => {
  const nftables = open(names[0])
  nftables.check([...base, dropPort(80)])
  expect(independently(names[0])).toEqual([])
  expect(() => nftables.check([{ delete: { table } }])).toThrow(NftablesError)
  nftables.run(base)
  expect(independently(names[0])).toHaveLength(2)
})

describe('rule text', () => {
  test('is the line that nft prints, found by the handle that an echo gave', () => {
    const nftables = open(names[0])
    const echoes = nftables.runEchoing([...base, dropPort(80, 'web # handle 1'), dropPort(443)])
    const rules = echoes.flatMap(({ add }) => (add !== undefined && 'rule' in add ? [add.rule] : []))
    expect(rules.map((rule) => rule.handle)).toEqual([expect.any(Number), expect.any(Number)])
    const texts = rules.map((rule) => nftables.ruleText({ ...rule, handle: rule.handle! }))
    expect(texts[0]).toBe('tcp dport 80 counter packets 0 bytes 0 drop comment "web # handle 1"')
    expect(texts[1]).toBe('tcp dport 443 counter packets 0 bytes 0 drop')
    expect([...nftables.ruleTexts(table).values()]).toEqual(texts)
  })

  test('is found also in tables and chains whose names are words of nft’s language, or cannot be written in it', () => {
    const nftables = open(names[0])
    for (const [table, chain] of [
      ['counter', 'drop'],
      ['7 odd; flush ruleset', 'a b'],
    ] as const) {
      nftables.run([
        { add: { table: { family: 'ip', name: table } } },
        { add: { chain: { family: 'ip', table, name: chain } } },
        { add: { rule: { family: 'ip', table, chain, expr: [{ accept: null }] } } },
      ])
      expect([...nftables.ruleTexts({ family: 'ip', name: table }).values()]).toEqual(['accept'])
      const [handle] = nftables.ruleTexts({ family: 'ip', name: table }).keys()
      expect(nftables.ruleText({ family: 'ip', table, chain, handle: handle! })).toBe('accept')
    }
  })

  test('is absent for a rule that is gone, an error for a chain that is gone', () => {
    const nftables = open(names[0])
    nftables.run(base)
    expect(nftables.ruleText({ family: 'inet', table: 'guard', chain: 'transit', handle: 99 })).toBeUndefined()
    expect(() => nftables.ruleTexts({ family: 'inet', name: 'other' })).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
  })
})

test('two namespaces do not mix, in their rules or in their interface names', () => {
  execFileSync('ip', ['-n', names[0], 'link', 'add', 'left', 'index', '70', 'type', 'veth', 'peer', 'name', 'other'])
  execFileSync('ip', ['-n', names[1], 'link', 'add', 'right', 'index', '70', 'type', 'veth', 'peer', 'name', 'other'])
  const [first, second] = [open(names[0]), open(names[1])]
  const onInterface = (name: string): NftCommand => {
    const match = { match: { op: '==', left: { meta: { key: 'iif' } }, right: name } } as const
    return { add: { rule: { family: 'inet', table: 'guard', chain: 'transit', expr: [match, { drop: null }] } } }
  }
  first.run([...base, onInterface('left')])
  second.run([...base, onInterface('right')])
  expect(JSON.stringify(first.list())).toContain('"right":"left"')
  expect(JSON.stringify(second.list())).toContain('"right":"right"')
  expect(first.list()).toEqual(independently(names[0]))
  expect(second.list()).toEqual(independently(names[1]))
})

test('rules that iptables-nft made show as they are', () => {
  execFileSync('ip', ['netns', 'exec', names[0], 'iptables-nft', '-A', 'INPUT', '-m', 'recent', '--set'])
  const objects = open(names[0]).list()
  expect(objects).toContainEqual(
    expect.objectContaining({
      rule: expect.objectContaining({ expr: expect.arrayContaining([{ xt: { type: 'match', name: 'recent' } }]) }),
    }),
  )
})

test('a thousand rules go in and come back whole', () => {
  const nftables = open(names[0])
  nftables.run([...base, ...Array.from({ length: 1000 }, (_, i) => dropPort(i + 1))])
  expect(nftables.list()).toHaveLength(1002)
  expect(nftables.ruleTexts(table).size).toBe(1000)
})

test('a child process does not inherit the library’s socket, which would keep the namespace alive', () => {
  const before = sockets()
  open(names[0])
  const added = sockets().filter((socket) => !before.includes(socket))
  expect(added).toHaveLength(1)
  expect(execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' })).not.toContain(added[0])
})

/** The sockets of this process, as `socket:[inode]`. */
function sockets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const link = readlinkSync(`/proc/self/fd/${fd}`)
      return link.startsWith('socket:') ? [link] : []
    } catch {
      // The descriptor that listed the directory is closed by now.
      return []
    }
  })
}

test('1,100 other open files are no obstacle: the library waits with select(2), which knows 1,024', () => {
  open(names[0]).run(base)
  const files = Array.from({ length: 1100 }, () => openSync('/dev/null', 'r'))
  try {
    const nftables = open(names[1])
    nftables.run(base)
    expect(nftables.list({ table }).length).toBeGreaterThan(0)
  } finally {
    for (const file of files) closeSync(file)
  }
})

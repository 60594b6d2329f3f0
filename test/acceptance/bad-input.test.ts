/** What nobody should type, may do, or should answer: each ends in one clear sentence, and nothing reaches the terminal. */
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../src/host/index.ts'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { answering, type FakeDaemon, type Reaction, startFakeDaemon } from '../support/fake-daemon.ts'
import { end, type Holder, holdAfter, namespaceOf } from '../support/holder.ts'
import { inodeOfName, NamedNamespaces } from '../support/iproute.ts'
import { type ProgramRun, runProgram, runProgramAside } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const NOBODY = 65534
/** Anything but newlines that a terminal acts upon: C0 and C1 controls, DEL, and what reverses the direction of writing. */
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
const own = `nwt-bad-${process.pid}`
const names = new NamedNamespaces('bad')
afterAll(() => names.close())

/** One line on standard error by the command, which says what it is about. */
function expectOneSentence(run: ProgramRun, command: string, ...words: string[]): void {
  expect(run).toMatchObject({ code: 3, answer: '' })
  const lines = run.remarks.split('\n').filter((line) => line.startsWith(`netwright ${command}: `))
  expect(lines).toHaveLength(1)
  for (const word of words) expect(lines[0]).toContain(word)
  expect(run.remarks).not.toMatch(/unexpected failure|at .*\.c?[jt]s:\d/)
}

describe('targets', () => {
  let docker: Dockerd
  const twin = names.add('twin')

  beforeAll(async () => {
    docker = await startDockerd()
    docker.runContainer(twin)
    docker.runContainer(`${own}-orchard`)
  })
  afterAll(() => docker.stop())

  test.each([
    ['map', ['map']],
    ['show', ['show']],
    ['ns attach', ['ns', 'attach']],
    ['watch', ['watch']],
  ])('%s says that nothing is called so, and what looks like it', (command, words) => {
    expectOneSentence(runProgram([...words, `docker:${own}-orchadr`]), command, `docker:${own}-orchard?`)
    expectOneSentence(runProgram([...words, `${own}-unheard-of`]), command, 'nothing on this host is called so')
  })

  test('a word for a container and a name of another namespace is refused, and both are told', () => {
    const { code, answer, remarks } = runProgram(['show', twin])
    expect({ code, answer }).toEqual({ code: 3, answer: '' })
    const container = namespaceOf(Number(docker.run('inspect', '--format', '{{.State.Pid}}', twin)))
    expect(remarks).toContain(`ns:${twin} (namespace ${inodeOfName(twin)})`)
    expect(remarks).toContain(`docker:${twin} (namespace ${container})`)
    expect(runProgram(['show', `docker:${twin}`, '--only', 'links']).code).toBe(0)
  })

  test('a word of ten thousand bytes with terminal commands in it is cut and escaped', () => {
    const word = `\u001b]0;owned\u0007${'x'.repeat(10_000)}`
    for (const words of [
      ['show', word],
      ['map', `docker:${word}`],
      ['ns', 'attach', word],
      ['ns', 'detach', word],
    ]) {
      const { code, remarks } = runProgram(words)
      expect(code).toBe(3)
      expect(remarks).not.toMatch(HARMFUL)
      expect(remarks.length).toBeLessThan(5000)
    }
  })
})

describe('an ordinary user', () => {
  const as = (...words: string[]) => runProgram(words, { uid: NOBODY })
  let name: string
  beforeAll(() => {
    name = names.add('locked')
  })

  test('is shown the own namespace and told what is missing', () => {
    const run = as('map', '--json')
    expect(run.code).toBe(0)
    const graph: Graph = JSON.parse(run.answer)
    expect(schemaFaults('graph', graph)).toEqual([])
    expect(graph.interfaces.some((link) => link.name === 'lo')).toBe(true)
    expect(graph.warnings.join('\n')).toMatch(/run as root/)
    expect(run.remarks.trimEnd().split('\n')).toEqual(graph.warnings.map((warning) => `netwright: ${warning}`))
  })

  test('gets the list with the names that everybody may read', () => {
    const run = as('ns', 'list')
    expect(run.code).toBe(0)
    expect(run.answer).toMatch(/^host +host +\d+/m)
    expect(run.answer).toContain(`ns:${name}`)
    expect(run.remarks).toContain('run as root')
  })

  test('is shown of the own namespace what may be read, each missing part in a sentence', () => {
    const run = as('show', 'host')
    expect(run.code).toBe(0)
    expect(run.answer).toContain('Interfaces')
    for (const line of run.remarks.trimEnd().split('\n')) expect(line).toMatch(/^netwright: .*(root|owner)/)
  })

  test.each([
    ['show', ['show', 'ns:NAME']],
    ['ns attach', ['ns', 'attach', 'host', 'NAME-2']],
    ['ns detach', ['ns', 'detach', '--force', 'NAME']],
    ['ns exec', ['ns', 'exec', 'ns:NAME', '--', 'true']],
    ['watch', ['watch']],
  ])('cannot %s, is told to be root, and changes nothing', (command, words) => {
    const before = readdirSync('/run/netns').includes(`${name}-2`)
    expectOneSentence(as(...words.map((word) => word.replace('NAME', name))), command, 'root')
    expect(readdirSync('/run/netns').includes(`${name}-2`)).toBe(before)
    expect(inodeOfName(name)).toMatch(/^\d+$/)
  })

  test('who names what only root can see is told so', () => {
    expectOneSentence(as('show', 'docker:web'), 'show', 'root')
  })
})

describe('a Docker daemon that answers as none should', () => {
  const spaces = Buffer.alloc(65_536, ' ')
  const endless: Reaction = (_, socket) => {
    const fill = (): void => {
      while (socket.writable && socket.write(spaces));
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n[')
    socket.on('drain', fill)
    fill()
  }
  const wrongTypes = {
    '/containers/json': [7, null, { Id: 3 }, { Id: 'a', Names: 7, Labels: [], HostConfig: 'x', NetworkSettings: [] }],
    '/networks': [{ Id: 'n', Name: {}, IPAM: { Config: 'x' }, Options: 7, Driver: [] }, 'x'],
  }
  const broken: [string, Reaction][] = [
    ['sends garbage', (_, socket) => socket.end('\u001b[2J\0 garbage\r\n\r\n')],
    ['is cut off', (_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n[{"Id":"\u001b[2J')],
    ['never answers', () => {}],
    ['never stops', endless],
    ['sends other documents', answering({ '/containers/json': { a: '\u001b[2J' }, '/networks': 7 })],
  ]

  test.each(broken)('that %s costs one sentence and no more than a second', async (_, react) => {
    await using daemon = await startFakeDaemon(react)
    // Held against the same command without such a daemon: a busy machine slows both.
    const begin = performance.now()
    await runProgramAside(['map'])
    const between = performance.now()
    const run = await runProgramAside(['map'], { DOCKER_HOST: `unix://${daemon.path}` })
    expect(performance.now() - between - (between - begin)).toBeLessThan(1500)
    expect(run.code).toBe(0)
    expect(run.answer).toMatch(/^host /m)
    expect(run.remarks.split('\n').filter((line) => line.includes(daemon.path))).toHaveLength(1)
    expect(run.answer + run.remarks).not.toMatch(HARMFUL)
  })

  test('whose members have wrong types costs one sentence for each list', async () => {
    await using daemon = await startFakeDaemon(answering(wrongTypes))
    const run = await runProgramAside(['map', '--json'], { DOCKER_HOST: `unix://${daemon.path}` })
    expect(run.code).toBe(0)
    expect(schemaFaults('graph', JSON.parse(run.answer))).toEqual([])
    const told = run.remarks.split('\n').filter((line) => line.includes(daemon.path))
    expect(told.map((line) => /sent (\d+ \w+) without an id/.exec(line)?.[1])).toEqual(['3 containers', '1 networks'])
  })
})

describe('names of ten thousand bytes with terminal commands in them', () => {
  const ID = 'd'.repeat(60) + String(process.pid % 10_000).padStart(4, '0')
  const EVIL = `\u001b]0;owned\u0007\u001b[2J\u009b31m\r\n\t\u202e"<script>x</script>\`$(id)\`[a](b)${'€'.repeat(10_000)}`
  /** Of control groups of the second version there is one tree; of the first one for each controller. */
  const GROUPS = existsSync('/sys/fs/cgroup/cgroup.procs') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids'
  let holder: Holder
  let daemon: FakeDaemon
  let directory: string

  /** A process in a control group as Docker makes them, and a daemon that calls it by an evil name. */
  beforeAll(async () => {
    directory = mkdtempSync(join(GROUPS, own))
    const group = join(directory, `docker-${ID}.scope`)
    holder = await holdAfter(['unshare', '--net'], `mkdir '${group}' && echo $$ > '${group}/cgroup.procs'`)
    const network = { Id: 'e'.repeat(64), Name: EVIL, Driver: EVIL, IPAM: { Config: [{ Subnet: EVIL }] } }
    const container = {
      Id: ID,
      Names: [`/${EVIL}`],
      Labels: { [EVIL]: EVIL },
      HostConfig: { NetworkMode: EVIL },
      NetworkSettings: { Networks: { [EVIL]: { NetworkID: network.Id, MacAddress: EVIL, IPAddress: EVIL } } },
    }
    daemon = await startFakeDaemon(answering({ '/containers/json': [container], '/networks': [network] }))
  })
  afterAll(async () => {
    await daemon.stop()
    await end(holder)
    rmdirSync(join(directory, `docker-${ID}.scope`))
    rmdirSync(directory)
  })
  const run = (...words: string[]) => runProgramAside(words, { DOCKER_HOST: `unix://${daemon.path}` })

  test.each([
    [['map']],
    [['map', '--all']],
    [['map', '--format', 'dot']],
    [['map', '--format', 'mermaid']],
    [['map', '--format', 'svg']],
    [['ns', 'list']],
    [['show', `docker:${ID}`]],
    [['map', `docker:${ID}`]],
  ])('%j shows them harmlessly and cut', async (words) => {
    const { code, answer, remarks } = await run(...words)
    expect(code).toBe(0)
    expect(answer).toContain('owned')
    expect(answer + remarks).not.toMatch(HARMFUL)
    if (words.includes('svg') || words.includes('mermaid')) expect(answer).not.toContain('<script>')
    expect(answer).not.toContain('€'.repeat(300))
  })

  test('ns attach does not make a name of them', async () => {
    const attached = await run('ns', 'attach', `docker:${ID}`)
    expect(attached.code).toBe(3)
    expect(attached.remarks).not.toMatch(HARMFUL)
    expect(readdirSync('/run/netns').filter((name) => name.includes('owned'))).toEqual([])
  })

  test('--json carries them whole enough to be told, as JSON writes them', async () => {
    const { answer } = await run('map', '--json')
    expect(answer.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/)
    const graph: Graph = JSON.parse(answer)
    expect(schemaFaults('graph', graph)).toEqual([])
    const owner = graph.namespaces.find(({ inode }) => inode === namespaceOf(holder.pid))?.owners[0]
    expect(owner?.name.length).toBeLessThanOrEqual(256)
  })

  test('watch tells of changes there in lines that stay lines', async () => {
    const watching = runProgramAside(['watch', '--all'], { DOCKER_HOST: `unix://${daemon.path}` }, 2500)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    const other = new NamedNamespaces('bad-watch')
    try {
      other.add('x')
      runProgram(['ns', 'exec', `pid:${holder.pid}`, '--', 'ip', 'link', 'set', 'lo', 'up'])
      const { answer, remarks } = await watching
      expect(answer).toMatch(/owned/)
      expect(answer + remarks).not.toMatch(HARMFUL)
    } finally {
      other.close()
    }
  })
})

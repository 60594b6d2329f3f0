/** Running programs in a namespace. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programWords, runProgram, startHolder } from '../support/program.ts'

const name = `nwt-exec-${process.pid}`
/** A process in the namespace with a resolv.conf and hosts of its own, as a container has them. */
let container: ChildProcess & { readonly pid: number }

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', name])
  execFileSync('ip', ['-n', name, 'link', 'add', 'own0', 'type', 'bridge'])
  const script = [
    'mount -t tmpfs tmpfs /mnt',
    'echo nameserver 192.0.2.53 > /mnt/resolv.conf',
    'echo 192.0.2.80 shop > /mnt/hosts',
    'mount --bind /mnt/resolv.conf /etc/resolv.conf',
    'mount --bind /mnt/hosts /etc/hosts',
    'echo ready',
    'exec sleep 1000',
  ].join(' && ')
  container = await startHolder('nsenter', [
    ...[`--net=/run/netns/${name}`, 'unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-c', script],
  ])
})

afterAll(() => {
  container.kill('SIGKILL')
  execFileSync('ip', ['netns', 'del', name])
})

const exec = (command: readonly string[], input?: string, mount = false) =>
  runProgram(['ns', 'exec', ...(mount ? ['--mount'] : []), `pid:${container.pid}`, '--', ...command], {
    ...(input === undefined ? {} : { input }),
  })

test('the program sees the interfaces of the namespace', () => {
  const links = JSON.parse(exec(['ip', '-j', 'link']).answer) as { ifname: string }[]
  expect(links.map((link) => link.ifname).sort()).toEqual(['lo', 'own0'])
})

test('without --mount the file system is the host’s', () => {
  expect(exec(['cat', '/etc/resolv.conf']).answer).toBe(readFileSync('/etc/resolv.conf', 'utf8'))
})

test('its exit code is passed on', () => {
  expect(exec(['sh', '-c', 'exit 42']).code).toBe(42)
})

test('the signal that ends it is passed on', () => {
  expect(exec(['sh', '-c', 'kill -TERM $$']).signal).toBe('SIGTERM')
})

test('a signal to netwright reaches the program', async () => {
  const [node, ...words] = programWords([
    'ns',
    'exec',
    `ns:${name}`,
    '--',
    'sh',
    '-c',
    'trap "exit 7" USR1; echo on; while :; do sleep 0.1; done',
  ])
  const child = spawn(node, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGUSR1')
  expect(await once(child, 'exit')).toEqual([7, null])
})

test('standard input and output are its own', () => {
  const text = 'x'.repeat(300_000)
  expect(exec(['cat'], text).answer).toBe(text)
})

test('no signal is ignored and standard streams block, as a program expects', () => {
  const { answer } = exec([
    'sh',
    '-c',
    'grep SigIgn /proc/self/status; grep flags /proc/self/fdinfo/0 /proc/self/fdinfo/1',
  ])
  expect(answer).toContain('SigIgn:\t0000000000000000')
  const flags = [...answer.matchAll(/flags:\s*(\d+)/g)].map((match) => Number.parseInt(match[1]!, 8))
  expect(flags.map((bits) => bits & 0o4000)).toEqual([0, 0])
})

test('no descriptor of netwright’s is left to the program', () => {
  const links = exec(['sh', '-c', 'for fd in /proc/$$/fd/*; do readlink $fd; done']).answer
  expect(links).not.toMatch(/net:\[|anon_inode|\/proc|NETLINK/)
})

test('a program that does not exist gives 127, one that cannot be run 126, in one sentence each', () => {
  expect(exec(['no-such-program-here'])).toMatchObject({
    code: 127,
    answer: '',
    remarks: 'netwright ns exec: no-such-program-here: there is no such program on this host\n',
  })
  expect(exec(['/proc/version'])).toMatchObject({ code: 126, answer: '' })
})

test('with --mount it sees the resolv.conf and hosts of the container, and only it does', () => {
  const before = readFileSync('/etc/resolv.conf', 'utf8')
  const { answer } = exec(['sh', '-c', 'cat /etc/resolv.conf /etc/hosts; getent hosts shop'], undefined, true)
  expect(answer).toBe('nameserver 192.0.2.53\n192.0.2.80 shop\n192.0.2.80      shop\n')
  expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before)
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/etc/resolv.conf')
})

test('with --mount /sys shows the namespace, and what was mounted below it is still there', () => {
  const { answer } = exec(['sh', '-c', 'ls /sys/class/net; grep -c " /sys/" /proc/self/mountinfo'], undefined, true)
  const below = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(' /sys/')).length
  expect(answer).toBe(`lo\nown0\n${below}\n`)
})

test('with --mount a name takes the files that ip netns keeps for it', () => {
  const directory = `/etc/netns/${name}`
  // /etc/netns itself, where nobody has made it before.
  const made = mkdirSync(directory, { recursive: true }) ?? directory
  try {
    writeFileSync(`${directory}/resolv.conf`, 'nameserver 192.0.2.99\n')
    const { answer } = runProgram(['ns', 'exec', '--mount', `ns:${name}`, '--', 'cat', '/etc/resolv.conf'])
    expect(answer).toBe('nameserver 192.0.2.99\n')
  } finally {
    rmSync(made, { recursive: true })
  }
})

test('an unknown target runs nothing', () => {
  const run = runProgram(['ns', 'exec', 'ns:nwt-no-such-name', '--', 'echo', 'here'])
  expect(run).toMatchObject({ code: 3, answer: '' })
  expect(run.remarks).toMatch(/^netwright ns exec: no such target "ns:nwt-no-such-name": .*\n$/)
})

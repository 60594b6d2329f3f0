/** Podman's CNI backend calls the plugin: containers in a network of it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasPodman, Podman } from '../support/podman.ts'
import { programWords } from '../support/program.ts'
import { shownCommands, shownJson } from '../support/shown-commands.ts'
import { buildPlugin, PLUGIN } from './cni-world.ts'

const directory = mkdtempSync(join(tmpdir(), 'nwt-cni-podman-'))
/** Podman looks for Debian's package containernetworking-plugins too: for the loopback. */
const able = hasPodman && existsSync('/usr/lib/cni/loopback')
const DOCUMENT = join(import.meta.dirname, '../../docs/cni.md')
let podman: Podman

const NETWORK = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'netwright',
      bridge: 'pods0',
      ipam: { subnet: '10.75.0.0/24' },
      capabilities: { portMappings: true, ips: true, mac: true },
    },
  ],
}

beforeAll(async () => {
  if (!able) return
  buildPlugin()
  const [plugins, networks] = [join(directory, 'bin'), join(directory, 'net.d')]
  mkdirSync(plugins)
  mkdirSync(networks)
  symlinkSync(PLUGIN, join(plugins, 'netwright'))
  writeFileSync(join(networks, '50-blue.conflist'), JSON.stringify(shownJson(DOCUMENT)[0]))
  writeFileSync(join(networks, '10-pods.conflist'), JSON.stringify(NETWORK))
  podman = await Podman.start([
    'network_backend = "cni"',
    `network_config_dir = "${networks}"`,
    `cni_plugin_dirs = ["${plugins}", "/usr/lib/cni"]`,
  ])
  const commands = join(directory, 'commands')
  mkdirSync(commands)
  symlinkSync(PLUGIN, join(commands, 'netwright-cni'))
  writeFileSync(join(commands, 'podman'), podman.script)
  chmodSync(join(commands, 'podman'), 0o755)
}, 60_000)
afterAll(async () => {
  await podman?.stop()
  rmSync(directory, { recursive: true })
})

/** Runs a program in the namespaces of Podman's host. */
function inHost(...command: string[]): string {
  const enter = ['--target', String(podman.pid), '--mount', '--net']
  return execFileSync('nsenter', [...enter, ...command], { encoding: 'utf8' })
}

/** The host that Podman takes for the machine, and the commands that the document names. */
function onHost(): { readonly enter: readonly string[]; readonly environment: NodeJS.ProcessEnv } {
  const { NETWRIGHT_RUN: _, NETWRIGHT_STATE: __, ...rest } = process.env
  return {
    enter: ['--target', String(podman.pid), '--mount', '--net'],
    environment: { ...rest, PATH: `${join(directory, 'commands')}:${process.env['PATH']}` },
  }
}

/** Starts `netwright daemon` where it usually is. @returns what ends it */
async function startDaemon(): Promise<() => Promise<void>> {
  const { enter, environment } = onHost()
  const words = [...enter, ...programWords(['daemon', '--docker-plugin', 'none'])]
  const daemon = spawn('nsenter', words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  const serving = new Promise<void>((resolve, reject) => {
    daemon.stderr.setEncoding('utf8').on('data', (chunk) => {
      log += chunk
      if (log.includes('"msg":"serving"')) resolve()
    })
    daemon.once('exit', () => reject(new Error(`the daemon ended: ${log}`)))
  })
  await serving
  return async () => {
    const ended = once(daemon, 'exit')
    daemon.kill()
    await ended
  }
}

const FETCH = `fetch(process.argv[1]).then((answer) => answer.text()).then((text) => process.stdout.write(text))`

test.runIf(able)(
  'two containers of Podman reach each other, publish a port, and leave nothing',
  { timeout: 60_000 },
  async () => {
    podman.runContainer('one', '--network', 'pods')
    podman.runContainer('two', '--network', 'pods', '--ip', '10.75.0.9', '--publish', '8072:80')
    expect(podman.run('exec', 'one', 'ping', '-c1', '-W2', '-q', '10.75.0.9')).toContain('1 packets received')
    expect(podman.run('exec', 'two', 'ping', '-c1', '-W2', '-q', '10.75.0.1')).toContain('1 packets received')
    podman.run('exec', 'two', 'sh', '-c', 'mkdir /www && echo a page > /www/page && httpd -p 80 -h /www')
    expect(inHost(process.execPath, '-e', FETCH, 'http://127.0.0.1:8072/page')).toBe('a page\n')
    const address = podman.run('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', 'one')
    expect(address).toBe('10.75.0.2')
    podman.run('rm', '--force', '--time', '0', 'one', 'two')
    expect(inHost('ip', '-br', 'link')).not.toContain('veth')
    expect(inHost('nft', 'list', 'ruleset')).not.toContain('8072')
  },
)

/** Runs the document's commands; where runtimes look for plugins and networks is the test's own. */
function runDocument(): void {
  const { enter, environment } = onHost()
  const bin = join(directory, 'opt-cni-bin')
  const commands = shownCommands(DOCUMENT)
  expect(commands.length).toBeGreaterThan(4)
  for (const command of commands) {
    const line = command.replaceAll('/opt/cni/bin', bin)
    const options = { env: environment, encoding: 'utf8' as const, timeout: 30_000 }
    const { status, stderr } = spawnSync('nsenter', [...enter, 'bash', '-c', line], options)
    expect(status, `${line}: ${stderr}`).toBe(0)
  }
  rmSync(bin, { recursive: true })
  expect(inHost('ip', '-br', 'link')).not.toContain('veth')
  expect(inHost('nft', 'list', 'ruleset')).not.toContain('8080')
}

test.runIf(able)('the commands of the document, as it shows them', { timeout: 60_000 }, () => {
  runDocument()
})

test.runIf(able)('the same while the daemon runs, which knows the network then', { timeout: 60_000 }, async () => {
  const end = await startDaemon()
  try {
    runDocument()
    const call = ['--unix-socket', '/run/netwright/api.sock', '--silent', 'http://host/v1/networks']
    expect(inHost('curl', ...call)).toContain('br-blue')
  } finally {
    await end()
  }
})

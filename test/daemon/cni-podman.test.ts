/** Podman's CNI backend calls the plugin: containers in a network of it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasPodman, Podman } from '../support/podman.ts'
import { buildPlugin, PLUGIN } from './cni-world.ts'

const directory = mkdtempSync(join(tmpdir(), 'nwt-cni-podman-'))
/** Podman looks for Debian's package containernetworking-plugins too: for the loopback. */
const able = hasPodman && existsSync('/usr/lib/cni/loopback')
let podman: Podman

const NETWORK = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'netwright',
      bridge: 'pods0',
      ipam: { subnet: '10.72.0.0/24' },
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
  writeFileSync(join(networks, '10-pods.conflist'), JSON.stringify(NETWORK))
  podman = await Podman.start([
    'network_backend = "cni"',
    `network_config_dir = "${networks}"`,
    `cni_plugin_dirs = ["${plugins}", "/usr/lib/cni"]`,
  ])
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

const FETCH = `fetch(process.argv[1]).then((answer) => answer.text()).then((text) => process.stdout.write(text))`

test.runIf(able)(
  'two containers of Podman reach each other, publish a port, and leave nothing',
  { timeout: 60_000 },
  async () => {
    podman.runContainer('one', '--network', 'pods')
    podman.runContainer('two', '--network', 'pods', '--ip', '10.72.0.9', '--publish', '8072:80')
    expect(podman.run('exec', 'one', 'ping', '-c1', '-W2', '-q', '10.72.0.9')).toContain('1 packets received')
    expect(podman.run('exec', 'two', 'ping', '-c1', '-W2', '-q', '10.72.0.1')).toContain('1 packets received')
    podman.run('exec', 'two', 'sh', '-c', 'mkdir /www && echo a page > /www/page && httpd -p 80 -h /www')
    expect(inHost(process.execPath, '-e', FETCH, 'http://127.0.0.1:8072/page')).toBe('a page\n')
    const address = podman.run('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', 'one')
    expect(address).toBe('10.72.0.2')
    podman.run('rm', '--force', '--time', '0', 'one', 'two')
    expect(inHost('ip', '-br', 'link')).not.toContain('veth')
    expect(inHost('nft', 'list', 'ruleset')).not.toContain('8072')
  },
)

/** A host, the world beyond it, and sandboxes, as namespaces of a test's own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createBridgeDriver } from '../../src/engine/drivers/bridge/index.ts'
import type { NetworkDriver } from '../../src/engine/drivers/driver.ts'
import type { EndpointRecord, NetworkRecord, PoolLease } from '../../src/engine/model.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { NamedNamespaces } from '../support/iproute.ts'

/** A network's record with what most tests do not care about. */
export function networkRecord(number: number, change: Partial<NetworkRecord> = {}): NetworkRecord {
  const pools: PoolLease[] = [pool(`10.6${number}.0.0/24`)]
  if (change.ipv6 === true) pools.push(pool(`fd00:6${number}::/64`))
  return {
    id: `${number}`.repeat(64),
    name: `network${number}`,
    driver: 'bridge',
    scope: 'local',
    internal: false,
    attachable: false,
    ipv4: true,
    ipv6: false,
    configOnly: false,
    configFrom: null,
    options: {},
    labels: {},
    ipamDriver: 'default',
    ipamOptions: {},
    pools,
    created: '2026-01-01T00:00:00.000Z',
    ...change,
  }
}

/** A pool whose gateway is its first address. */
export function pool(prefix: string): PoolLease {
  const [address = '', length] = prefix.split('/')
  const gateway = `${address.replace(/0$/, '')}1/${length}`
  return {
    family: prefix.includes(':') ? 6 : 4,
    poolId: prefix,
    pool: prefix,
    subPool: null,
    gateway,
    auxiliary: {},
    data: {},
  }
}

let endpoints = 0

/** An endpoint's record: the `host`-th address of each of the network's pools. */
export function endpointRecord(
  network: NetworkRecord,
  host: number,
  change: Partial<EndpointRecord> = {},
): EndpointRecord {
  endpoints++
  return {
    id: (BigInt(endpoints) * 0x9e3779b97f4a7c15f39cc0605cedc834n)
      .toString(16)
      .padStart(64, '0')
      .slice(-40)
      .repeat(2)
      .slice(0, 64),
    name: `endpoint${endpoints}`,
    networkId: network.id,
    macAddress: null,
    addresses: network.pools.map(({ pool }) => {
      const [base = '', length] = pool.split('/')
      return `${base.replace(/0$/, '')}${pool.includes(':') ? host.toString(16) : host}/${length}`
    }),
    linkLocalAddresses: [],
    aliases: [],
    anonymous: false,
    options: {},
    labels: {},
    portMappings: [],
    exposedPorts: [],
    sandboxId: null,
    priority: 0,
    join: null,
    ports: [],
    created: '2026-01-01T00:00:00.000Z',
    ...change,
  }
}

/** A sandbox that an endpoint joined. */
export interface Joined {
  readonly name: string
  readonly endpoint: EndpointRecord
}

/**
 * `host` has an uplink with 192.0.2.1 and 2001:db8::1 to `outside`, which has 192.0.2.2 and 2001:db8::2 and no route back to
 * any network of containers.
 */
export class BridgeWorld {
  readonly names: NamedNamespaces
  readonly hostName: string
  readonly outside: string
  readonly host: Namespace
  readonly notices: string[] = []
  readonly driver: NetworkDriver
  readonly #open: Namespace[] = []
  readonly #children: ChildProcess[] = []
  #sandboxes = 0

  /** @param hostName an existing namespace to take for the host instead of one of its own */
  constructor(purpose: string, hostName?: string) {
    this.names = new NamedNamespaces(purpose)
    this.outside = this.names.add('out')
    this.hostName = hostName ?? this.names.add('host')
    const host = ['-n', this.hostName]
    const outside = ['-n', this.outside]
    // No waiting for the uplink's link-local addresses.
    for (const name of [this.hostName, this.outside])
      runIn(name, 'sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0')
    run('ip', ...host, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.outside)
    run('ip', ...host, 'address', 'add', '192.0.2.1/24', 'dev', 'up0')
    run('ip', ...host, 'address', 'add', '2001:db8::1/64', 'dev', 'up0', 'nodad')
    run('ip', ...outside, 'address', 'add', '192.0.2.2/24', 'dev', 'eth0')
    run('ip', ...outside, 'address', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad')
    for (const side of [host, outside]) run('ip', ...side, 'link', 'set', 'lo', 'up')
    run('ip', ...host, 'link', 'set', 'up0', 'up')
    run('ip', ...outside, 'link', 'set', 'eth0', 'up')
    this.host = this.#opened(this.hostName)
    this.driver = this.newDriver()
  }

  /** Another driver over the same host, as after a restart. */
  newDriver(): NetworkDriver {
    return createBridgeDriver({ host: this.host, notice: (sentence) => this.notices.push(sentence) })
  }

  /** A new sandbox. @returns the name of its namespace */
  sandbox(): string {
    const name = this.names.add(`box${++this.#sandboxes}`)
    run('ip', '-n', name, 'link', 'set', 'lo', 'up')
    return name
  }

  /** Creates an endpoint, joins it to a sandbox and does the controller's part there. */
  async join(
    network: NetworkRecord,
    host: number,
    change: Partial<EndpointRecord> = {},
    sandbox = this.sandbox(),
  ): Promise<Joined> {
    const record = endpointRecord(network, host, { sandboxId: sandbox, ...change })
    const additions = await this.driver.createEndpoint(network, record)
    const endpoint = { ...record, ...additions }
    const namespace = Namespace.open({ name: sandbox })
    try {
      const free = (prefix: string): string => `${prefix}${interfacesOf(sandbox).length - 1}`
      const given = {
        id: sandbox,
        containerId: sandbox,
        key: `/run/netns/${sandbox}`,
        namespace,
        freeInterfaceName: free,
      }
      const join = await this.driver.join(network, endpoint, given, {})
      const name = join.interfaceName
      for (const address of endpoint.addresses)
        run('ip', '-n', sandbox, 'address', 'add', address, 'dev', name, ...(address.includes(':') ? ['nodad'] : []))
      run('ip', '-n', sandbox, 'link', 'set', name, 'up')
      if (join.gateway !== null) run('ip', '-n', sandbox, 'route', 'add', 'default', 'via', join.gateway)
      if (join.gatewayIPv6 !== null) run('ip', '-n', sandbox, '-6', 'route', 'add', 'default', 'via', join.gatewayIPv6)
      return { name: sandbox, endpoint: { ...endpoint, join } }
    } finally {
      namespace.close()
    }
  }

  /**
   * Starts a server in a namespace that answers on these ports, TCP and UDP, with its name and the address that it saw.
   * @param prelude more of its program
   */
  async serve(namespace: string, ports: readonly number[], prelude = ''): Promise<ChildProcess> {
    const script = `
      const plain = (address) => address.replace('::ffff:', '')
      const { createServer } = require('node:net'), { createSocket } = require('node:dgram')
      const ready = []
      for (const port of ${JSON.stringify(ports)}) {
        const server = createServer((peer) => peer.on('error', () => {}).end('${namespace} ' + plain(peer.remoteAddress)))
        ready.push(new Promise((done) => server.listen(port, '::', done)))
        const socket = createSocket('udp6')
        socket.on('message', (_, from) => socket.send('${namespace} ' + plain(from.address), from.port, from.address))
        ready.push(new Promise((done) => socket.bind(port, done)))
      }
      ${prelude}
      Promise.all(ready).then(() => process.stdout.write('ready'))`
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#children.push(child)
    await once(child.stdout, 'data')
    return child
  }

  /** Removes everything. */
  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    await this.driver.close()
    for (const namespace of this.#open) namespace.close()
    this.names.close()
  }

  #opened(name: string): Namespace {
    const namespace = Namespace.open({ name })
    this.#open.push(namespace)
    return namespace
  }
}

/** Runs a program. @returns what it printed @throws Error when it fails */
export function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
}

/** Runs a program in a named namespace. */
export function runIn(namespace: string, ...words: string[]): string {
  return run('ip', 'netns', 'exec', namespace, ...words)
}

/** True when an echo request from `namespace` to `address` is answered within some seconds. */
export function reaches(namespace: string, address: string, seconds = 1): boolean {
  try {
    runIn(namespace, 'busybox', 'ping', '-c1', `-W${seconds}`, '-q', address)
    return true
  } catch {
    return false
  }
}

/** Names of a namespace's interfaces. */
export function interfacesOf(namespace: string): string[] {
  return (JSON.parse(run('ip', '-n', namespace, '-j', 'link')) as { ifname: string }[]).map((link) => link.ifname)
}

/** What a server of `serve` answers over TCP; `refused` and `silence` when there is no answer. */
export function ask(namespace: string, address: string, port: number): string {
  const script = `
    const socket = require('node:net').connect({ host: '${address}', port: ${port} })
    const end = (text) => { process.stdout.write(text); process.exit() }
    socket.on('data', (data) => end(data.toString())).on('error', (error) => end(error.code === 'ECONNREFUSED' ? 'refused' : error.code))
    setTimeout(() => end('silence'), 700)`
  return runIn(namespace, process.execPath, '-e', script)
}

/** What a server of `serve` answers over UDP; `silence` when there is no answer. @param from port to send from */
export function askUdp(namespace: string, address: string, port: number, from = 0): string {
  const kind = address.includes(':') ? 'udp6' : 'udp4'
  const script = `
    const socket = require('node:dgram').createSocket('${kind}')
    const end = (text) => { process.stdout.write(text); process.exit() }
    socket.on('message', (data) => end(data.toString())).on('error', (error) => end(error.code))
    socket.bind(${from}, () => socket.send('x', ${port}, '${address}'))
    setTimeout(() => end('silence'), 700)`
  return runIn(namespace, process.execPath, '-e', script)
}

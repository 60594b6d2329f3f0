/**
 * A router whose rules are asked twice: the kernel, by packets that are sent through it and traced, and our own evaluation. Both
 * neighbours of the router are mute (they have no addresses), so that nothing passes but what a test sends.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { headerBytes } from '../../src/diagnose/filter/header-bytes.ts'
import { type FilterRules, type HookOutcome, type HookVisit, readFilterRules } from '../../src/diagnose/filter/index.ts'
import type { Packet, TrackedFlow } from '../../src/diagnose/path/packet.ts'
import type { Place } from '../../src/diagnose/scene/place.ts'
import {
  type FilterTrace,
  type FilterTraceEvent,
  formatIPv4,
  formatIPv6,
  type Link,
  listLinks,
  Namespace,
  NetlinkProtocol,
  NetlinkSocket,
  openFilterTrace,
  PacketSender,
  parseIp,
} from '../../src/kernel/index.ts'
import { ipBatch, type NamedNamespaces } from '../support/iproute.ts'

/** Chains behind all others, which show that a packet came so far, and as what: the kernel tells headers of packets that meet a rule. */
const OBSERVER = `table inet observer {
  chain input { type filter hook input priority 500; counter; }
  chain forward { type filter hook forward priority 500; counter; }
  chain postrouting { type filter hook postrouting priority 500; counter; }
}
`

/** Where a packet got to, and what it was by then. */
export interface Passed {
  readonly verdict: 'accept' | 'drop'
  /** Where it got to: the last hook that let it pass, or that at which it was dropped. */
  readonly hook: 'prerouting' | 'input' | 'forward' | 'postrouting'
  /** Handle of the rule that dropped it, null for a policy; undefined when it was not dropped, or nobody knows by what. */
  readonly handle: number | null | undefined
  readonly chain: string | undefined
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly mark: number
}

/** A side of the router: what enters there. */
export type Side = 'client' | 'server'

/** The router with its neighbours. */
export class FilterWorld {
  readonly router: Namespace
  readonly name: string
  #trace: FilterTrace | undefined
  readonly #senders: Record<Side, PacketSender>
  readonly #handles: Namespace[]
  readonly links: Record<Side, Link>
  readonly #macs: Record<Side, string>

  constructor(namespaces: NamedNamespaces, suffix: string) {
    // Each processor works its packets off in turn: from one of them, they come to their ends in the order of sending.
    execFileSync('taskset', ['-acp', '0', String(process.pid)], { stdio: 'ignore' })
    const names = ['client', 'router', 'server'].map((part) => namespaces.add(`${suffix}-${part}`))
    const [client = '', router = '', server = ''] = names
    this.name = router
    ipBatch([
      `link add c0 netns ${client} type veth peer name r0 netns ${router}`,
      `link add s0 netns ${server} type veth peer name r1 netns ${router}`,
    ])
    ipBatch(['link set c0 up', 'link set c0 arp off'], { inside: client })
    ipBatch(['link set s0 up', 'link set s0 arp off'], { inside: server })
    ipBatch(
      [
        'link set lo up',
        'link set r0 up',
        'link set r1 up',
        'addr add 10.1.0.1/24 dev r0',
        'addr add 10.2.0.1/24 dev r1',
        'addr add fd00:1::1/64 dev r0 nodad',
        'addr add fd00:2::1/64 dev r1 nodad',
      ],
      { inside: router },
    )
    this.run([
      'sysctl',
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
      'net.ipv4.conf.r0.rp_filter=0',
      'net.ipv4.conf.r1.rp_filter=0',
      'net.ipv4.icmp_ratelimit=0',
    ])
    this.#handles = names.map((name) => Namespace.open({ name }))
    this.router = this.#handles[1]!
    this.#senders = {
      client: PacketSender.open({ namespace: this.#handles[0]!, interface: 'c0' }),
      server: PacketSender.open({ namespace: this.#handles[2]!, interface: 's0' }),
    }
    const linkOf = (namespace: Namespace, name: string): Link => {
      const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
      try {
        return listLinks(socket).find((link) => link.name === name)!
      } finally {
        socket.close()
      }
    }
    this.links = { client: linkOf(this.router, 'r0'), server: linkOf(this.router, 'r1') }
    this.#macs = { client: linkOf(this.#handles[0]!, 'c0').address!, server: linkOf(this.#handles[2]!, 's0').address! }
    const neighbours = Array.from({ length: 20 }, (_, i) => i + 2).flatMap((n) => [
      `neigh add 10.1.0.${n} lladdr ${this.#macs.client} dev r0 nud permanent`,
      `neigh add 10.2.0.${n} lladdr ${this.#macs.server} dev r1 nud permanent`,
      `neigh add fd00:1::${n.toString(16)} lladdr ${this.#macs.client} dev r0 nud permanent`,
      `neigh add fd00:2::${n.toString(16)} lladdr ${this.#macs.server} dev r1 nud permanent`,
    ])
    ipBatch(neighbours, { inside: router })
  }

  /** Runs a command in the router. @returns what it printed */
  run(words: readonly string[], input = ''): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.name, ...words], {
      input,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}\n${input}`)
    return stdout
  }

  /** Replaces the rules of nftables; forgets all connections. */
  nft(rules: string): void {
    this.run(['nft', '-f', '-'], `flush ruleset\n${OBSERVER}${rules.replaceAll('} }', '}\n}')}`)
    this.run(['conntrack', '-F'])
  }

  /** As `nft`, without the lines that nft refuses: rules made up at random contradict themselves now and then. */
  nftWithout(rules: string): void {
    const lines = `flush ruleset\n${OBSERVER}${rules}`.split('\n')
    for (let attempt = 0; ; attempt++) {
      const words = ['netns', 'exec', this.name, 'nft', '-f', '-']
      const { status, stderr } = spawnSync('ip', words, { input: lines.join('\n'), encoding: 'utf8' })
      if (status === 0) break
      const refused = [...stderr.matchAll(/^\/dev\/stdin:(\d+):/gm)].map(([, number]) => Number(number) - 1)
      const [first] = refused
      if (first === undefined || attempt === 40) throw new Error(`${stderr}\n${lines.join('\n')}`)
      // A complaint about a line may be about the end of the one before it.
      const guilty = refused.filter((line) => lines[line]?.startsWith('    ') && !lines[line].includes('type '))
      for (const line of guilty.length > 0 ? guilty : [first]) lines[line] = ''
    }
    this.run(['conntrack', '-F'])
  }

  /** The chains that show where packets got to; for rules that other programs write. */
  observe(): void {
    this.run(['nft', '-f', '-'], OBSERVER)
  }

  rules(): FilterRules {
    return readFilterRules(this.router)
  }

  /** Begins to trace all packets. */
  trace(): void {
    const protocols = { ipv4: [1, 6, 17], ipv6: [58, 6, 17] } as const
    this.#trace ??= openFilterTrace(
      this.router,
      (['ipv4', 'ipv6'] as const).flatMap((family) => protocols[family].map((protocol) => ({ family, protocol }))),
    )
  }

  /** Sends a packet into the router, and says what the kernel made of it. */
  async send(packet: Packet, from: Side): Promise<Passed> {
    this.trace()
    this.#trace!.poll()
    this.#senders[from].send(frameOf({ ...packet, frame: this.frame(from) }))
    // Packets are worked off in turn: when this one is met, the one before it has come to its end.
    const follower = { ...packet, sourcePort: nextPort() }
    this.#senders[from].send(frameOf({ ...follower, frame: this.frame(from) }))
    const end = performance.now() + 5000
    const events: FilterTraceEvent[] = []
    for (;;) {
      for (const item of this.#trace!.poll()) {
        if (item.kind === 'gap') throw new Error('trace events were lost')
        events.push(item.event)
      }
      // The kernel numbers packets by where they lie in memory: the next one may have the same number.
      const next = firstStep(events, follower)
      const passed = passedBy(next === undefined ? events : events.slice(0, events.indexOf(next)), packet)
      if (passed?.ended === true) return passed
      if (passed !== undefined && next !== undefined) return { ...passed, verdict: 'drop' }
      if (performance.now() > end) {
        const told = events.map(
          (event) => `${event.table} ${event.chain} ${event.kind} ${event.ruleHandle} ${event.verdict.kind}`,
        )
        throw new Error(`nobody knows what became of ${JSON.stringify(packet)}: ${told.join('; ')}`)
      }
      await sleep(1)
    }
  }

  frame(from: Side): { source: string; destination: string } {
    return { source: this.#macs[from], destination: this.links[from].address! }
  }

  /** What our own evaluation makes of a packet. */
  predict(rules: FilterRules, packet: Packet, from: Side, flow?: TrackedFlow, reply = false): Predicted {
    return predict(this, rules, { ...packet, frame: this.frame(from) }, from, flow, reply)
  }

  close(): void {
    this.#trace?.close()
    for (const sender of Object.values(this.#senders)) sender.close()
    for (const handle of this.#handles) handle.close()
  }
}

/** What is expected of a packet. */
export interface Predicted extends Passed {
  readonly outcome: HookOutcome
  /** The last question. */
  readonly visit: HookVisit
  readonly doubts: readonly string[]
}

function predict(
  world: FilterWorld,
  rules: FilterRules,
  packet: Packet,
  from: Side,
  flow: TrackedFlow | undefined,
  reply: boolean,
): Predicted {
  const own = new Set(['10.1.0.1', '10.2.0.1', 'fd00:1::1', 'fd00:2::1', '127.0.0.1', '::1'])
  const sideOf = (address: string): Side | undefined => {
    if (/^(10\.1\.0\.|fd00:1:)/.test(address)) return 'client'
    return /^(10\.2\.0\.|fd00:2:)/.test(address) ? 'server' : undefined
  }
  const doubts: string[] = []
  let current = packet
  let tracked = flow
  let visit: HookVisit | undefined
  const ask = (hook: HookVisit['hook'], output: Link | undefined): HookOutcome => {
    visit = {
      layer: 'ip',
      hook,
      packet: current,
      input: world.links[from],
      output,
      flow: tracked,
      reply,
      addressType: (address) => {
        if (own.has(address)) return 'local'
        if (/^(22[4-9]|23\d)\./.test(address) || address.startsWith('ff')) return 'multicast'
        return address === '255.255.255.255' || /^10\.[12]\.0\.255$/.test(address) ? 'broadcast' : 'unicast'
      },
      outputFor: (address) => {
        const side = own.has(address) ? undefined : sideOf(address)
        return side === undefined ? 0 : world.links[side].index
      },
      masqueradeAddress: () => {
        const prefix = output === world.links.server ? '2' : '1'
        return current.family === 'ipv4' ? `10.${prefix}.0.1` : `fd00:${prefix}::1`
      },
    }
    const outcome = rules.traverse(visit)
    current = outcome.packet
    tracked = outcome.flow
    doubts.push(...outcome.doubts)
    return outcome
  }
  const done = (outcome: HookOutcome, hook: Passed['hook']): Predicted => ({
    verdict: outcome.verdict === 'accept' ? 'accept' : 'drop',
    hook,
    handle: outcome.rule === undefined ? undefined : outcome.rule.handle,
    chain: outcome.rule?.chain,
    ...endsOf(current),
    mark: current.mark,
    outcome,
    visit: visit!,
    doubts,
  })
  let outcome = ask('prerouting', undefined)
  if (outcome.verdict !== 'accept') return done(outcome, 'prerouting')
  if (own.has(current.destination)) return done(ask('input', undefined), 'input')
  const output = world.links[sideOf(current.destination) ?? 'server']
  // ip_forward() counts it down before it asks the rules.
  current = { ...current, ttl: current.ttl - 1 }
  outcome = ask('forward', output)
  if (outcome.verdict !== 'accept') return done(outcome, 'forward')
  return done(ask('postrouting', output), 'postrouting')
}

function endsOf({
  source,
  destination,
  sourcePort,
  destinationPort,
}: Packet): Pick<Passed, 'source' | 'destination' | 'sourcePort' | 'destinationPort'> {
  return { source, destination, sourcePort, destinationPort }
}

/** The first that the kernel told of a packet. */
function firstStep(events: readonly FilterTraceEvent[], packet: Packet): FilterTraceEvent | undefined {
  return events.find(
    ({ headers: { network, transport }, iif, chain }) =>
      iif !== undefined &&
      chain === 'prerouting' &&
      network !== undefined &&
      transport !== undefined &&
      isOf(packet, network, transport),
  )
}

/** What the kernel's events say of a packet so far; undefined as long as it has not been met. */
function passedBy(
  events: readonly FilterTraceEvent[],
  packet: Packet,
): (Passed & { readonly ended: boolean }) | undefined {
  const first = firstStep(events, packet)
  if (first === undefined) return undefined
  const own = events.slice(events.indexOf(first)).filter(({ id }) => id === first.id)
  const drop = own.find(({ verdict }) => verdict.kind === 'drop')
  const last = own
    .filter(({ table, chain }) => table === 'observer' && (chain === 'postrouting' || chain === 'input'))
    .at(-1)
  const end = drop ?? last ?? own.at(-1)!
  const seen = own.slice(0, own.indexOf(end) + 1)
  const shown = seen.filter(({ headers }) => headers.network !== undefined).at(-1)!
  const { network, transport } = shown.headers
  const isV4 = network![0]! >> 4 === 4
  const hasPorts = packet.protocol === 6 || packet.protocol === 17
  return {
    verdict: drop === undefined ? 'accept' : 'drop',
    ended: drop !== undefined || last !== undefined,
    hook: 'prerouting',
    handle: drop === undefined ? undefined : (drop.ruleHandle ?? null),
    chain: drop?.chain,
    source: isV4 ? formatIPv4(network!, 12) : formatIPv6(network!, 8),
    destination: isV4 ? formatIPv4(network!, 16) : formatIPv6(network!, 24),
    sourcePort: hasPorts ? transport!.readUInt16BE(0) : packet.sourcePort,
    destinationPort: hasPorts ? transport!.readUInt16BE(2) : packet.destinationPort,
    // The kernel leaves a mark of zero out.
    mark: end.mark ?? 0,
  }
}

function isOf(packet: Packet, network: Buffer, transport: Buffer): boolean {
  const source = parseIp(packet.source)
  const at = packet.family === 'ipv4' ? 12 : 8
  if (network[0]! >> 4 !== (packet.family === 'ipv4' ? 4 : 6)) return false
  if (!network.subarray(at, at + source.length).equals(source)) return false
  const port = packet.protocol === 1 || packet.protocol === 58 ? transport.readUInt16BE(4) : transport.readUInt16BE(0)
  return port === packet.sourcePort
}

/** The whole frame of a packet, with checksums. */
export function frameOf(packet: Packet): Buffer {
  const { link, network, transport } = headerBytes(packet)
  const bytes = Buffer.concat([network, Buffer.alloc(Math.max(0, packet.length - network.length))])
  const isV4 = packet.family === 'ipv4'
  if (isV4) bytes.writeUInt16BE(checksum([bytes.subarray(0, 20)]), 10)
  const at = { 6: 16, 17: 6, 1: 2, 58: 2 }[packet.protocol]
  if (at !== undefined) {
    const body = bytes.subarray(transport)
    const pseudo = Buffer.concat([
      bytes.subarray(isV4 ? 12 : 8, isV4 ? 20 : 40),
      Buffer.from([0, packet.protocol, body.length >>> 8, body.length & 0xff]),
    ])
    body.writeUInt16BE(checksum(packet.protocol === 1 ? [body] : [pseudo, body]), at)
  }
  return Buffer.concat([link!, bytes])
}

/** RFC 1071; parts of even length, but for the last. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** A packet of a test: what is not given is ordinary. */
export function packet(given: Partial<Packet>): Packet {
  const protocol = given.protocol ?? 6
  const family = given.family ?? 'ipv4'
  const icmp = protocol === 1 ? { type: 8, code: 0 } : protocol === 58 ? { type: 128, code: 0 } : undefined
  const header = family === 'ipv4' ? 20 : 40
  return {
    family,
    source: family === 'ipv4' ? '10.1.0.2' : 'fd00:1::2',
    destination: family === 'ipv4' ? '10.2.0.2' : 'fd00:2::2',
    protocol,
    sourcePort: nextPort(),
    destinationPort: icmp === undefined ? 80 : 0,
    ttl: 64,
    length: header + (protocol === 6 ? 20 : 8),
    dontFragment: false,
    mark: 0,
    frame: undefined,
    ...(icmp === undefined ? {} : { icmp }),
    ...(protocol === 6 ? { tcpFlags: 2 } : {}),
    ...given,
  }
}

let port = 20_000

/** Every packet has a port, or an identifier, of its own, so that no two belong to one flow by accident. */
function nextPort(): number {
  port = port >= 60_000 ? 20_000 : port + 1
  return port
}

/** A place of a scene, as far as remedies look at it. */
export function placeOf(world: { readonly name: string; readonly router: Namespace }, filters: FilterRules): Place {
  const inode = String(world.router.identity.inode)
  const node = { inode, names: [world.name], mounts: [], pids: [], holders: [] }
  return { inode, node, label: `ns:${world.name}`, namespace: world.router, filters } as unknown as Place
}

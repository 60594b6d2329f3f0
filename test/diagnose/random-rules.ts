/** Rule sets and packets at random, from a seed. */
import type { Packet } from '../../src/diagnose/path/packet.ts'

const addresses = ['10.1.0.2', '10.1.0.3', '10.1.0.4', '10.2.0.2', '10.2.0.3', '10.2.0.4', '10.1.0.1']
const v6Addresses = ['fd00:1::2', 'fd00:1::3', 'fd00:2::2', 'fd00:2::3', 'fd00:1::1']
const ports = [22, 53, 80, 443, 8080]

/** A part of a rule, and the protocols that it is about: nft refuses rules about two at once. */
interface Part {
  readonly network?: '4' | '6'
  readonly transport?: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'ports'
  text(): string
}

/** A source of randomness that can be repeated. */
export class RandomRules {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 12345) >>> 0
  }

  /** A number below `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  some(count: number, make: () => string): string[] {
    return [...new Set(Array.from({ length: count }, make))]
  }

  /** A table of the family inet with chains on all hooks, sets, maps and translation. */
  ruleSet(): string {
    const policy = (): string => this.pick(['policy accept', 'policy accept', 'policy accept', 'policy drop'])
    const raw: readonly Part[] = [...this.#statements, this.#plain('notrack'), this.#plain('notrack')]
    const branch: readonly Part[] = [...this.#statements, this.#plain('jump leaf'), this.#plain('goto leaf')]
    const any: readonly Part[] = [...this.#statements, ...this.#jumps]
    return `table inet t {
  set addresses { type ipv4_addr; elements = { ${this.some(2, () => this.pick(addresses)).join(', ')} } }
  set networks { type ipv4_addr; flags interval; elements = { 10.1.0.0/30, 10.2.0.3-10.2.0.9 } }
  set v6 { type ipv6_addr; flags interval; elements = { fd00:1::/127, fd00:2::2-fd00:2::3 } }
  set services { type inet_service; flags interval; elements = { 80, 400-500 } }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.2.0.0/30 . 1-100, 10.2.0.4 . 443 } }
  set exact { type ipv4_addr . inet_proto . inet_service; elements = { 10.2.0.2 . tcp . 80, 10.2.0.3 . udp . 53 } }
  map verdicts { type inet_service : verdict; elements = { 22 : drop, 80 : jump leaf, 443 : return } }
  map marks { type ipv4_addr : mark; elements = { 10.1.0.2 : 0x11, 10.1.0.3 : 0x12 } }
  set seen { type inet_service; flags dynamic; size 100; }
  set met { type inet_service; flags dynamic; size 100; }
  quota empty { over 0 bytes }
  limit wide { rate 100000/second }
${this.#chain('leaf', '', 3, this.#statements)}
${this.#chain('branch', '', 2, branch)}
${this.#chain('first', `type filter hook prerouting priority raw; ${policy()}`, 2, raw)}
${this.#chain('second', `type filter hook prerouting priority mangle; ${policy()}`, 2, any)}
${this.#chain('incoming', `type filter hook input priority filter; ${policy()}`, 4, any)}
${this.#chain('transit', `type filter hook forward priority filter; ${policy()}`, 5, any)}
${this.#chain('late', `type filter hook forward priority 20; ${policy()}`, 2, any)}
${this.#chain('last', `type filter hook postrouting priority mangle; ${policy()}`, 2, any)}
${this.#chain('dnat', 'type nat hook prerouting priority dstnat; policy accept', 3, this.#destinations)}
${this.#chain('snat', 'type nat hook postrouting priority srcnat; policy accept', 3, this.#sources)}
}
`
  }

  #chain(name: string, head: string, rules: number, statements: readonly Part[]): string {
    const lines = Array.from({ length: rules }, () => `    ${this.#rule(statements)}\n`)
    return `  chain ${name} {\n${head === '' ? '' : `    ${head};\n`}${lines.join('')}  }`
  }

  #rule(statements: readonly Part[]): string {
    const parts = [this.pick(statements)]
    for (let i = this.below(3); i > 0; i--) {
      const condition = this.pick(this.#conditions)
      if (parts.every((part) => agree(part, condition))) parts.unshift(condition)
    }
    return parts.map((part) => part.text()).join(' ')
  }

  #plain(text: string): Part {
    return { text: () => text }
  }

  readonly #address = (): string => this.pick(addresses)
  readonly #port = (): number => this.pick(ports)
  readonly #not = (): string => this.pick(['', '', '!= '])

  readonly #conditions: readonly Part[] = [
    { network: '4', text: () => `ip saddr ${this.#not()}${this.#address()}` },
    { network: '4', text: () => `ip daddr ${this.#not()}${this.#address()}` },
    { network: '4', text: () => `ip daddr ${this.#not()}{ ${this.some(3, this.#address).join(', ')} }` },
    { network: '4', text: () => `ip saddr ${this.#not()}10.1.0.${this.pick(['0/30', '2/31', '0-10.1.0.2'])}` },
    { network: '6', text: () => `ip6 saddr ${this.#not()}${this.pick(v6Addresses)}` },
    { network: '6', text: () => `ip6 daddr ${this.#not()}@v6` },
    { network: '4', text: () => `ip saddr ${this.#not()}@addresses` },
    { network: '4', text: () => `ip daddr ${this.#not()}@networks` },
    { transport: 'tcp', text: () => `tcp dport ${this.#not()}${this.#port()}` },
    { transport: 'udp', text: () => `udp dport ${this.#port()}` },
    { transport: 'tcp', text: () => `tcp dport ${this.#not()}{ ${this.#port()}, 100-300 }` },
    { transport: 'tcp', text: () => `tcp dport ${this.pick(['<', '>', '<=', '>='])} ${this.#port()}` },
    { transport: 'tcp', text: () => `tcp dport ${this.#not()}80-443` },
    { transport: 'tcp', text: () => `tcp dport ${this.#not()}@services` },
    { transport: 'ports', text: () => `meta l4proto { tcp, udp } th dport ${this.#not()}${this.#port()}` },
    { network: '4', transport: 'tcp', text: () => `ip daddr . tcp dport ${this.#not()}@pairs` },
    { network: '4', transport: 'ports', text: () => `ip daddr . meta l4proto . th dport ${this.#not()}@exact` },
    {
      transport: 'ports',
      text: () => `meta l4proto ${this.#not()}${this.pick(['tcp', 'udp', 'icmp', '{ tcp, udp }'])}`,
    },
    { network: '4', transport: 'ports', text: () => `ip protocol ${this.#not()}${this.pick(['tcp', 'udp', 'icmp'])}` },
    {
      network: '4',
      transport: 'icmp',
      text: () => `icmp type ${this.pick(['echo-request', 'echo-reply', '{ echo-request, redirect }'])}`,
    },
    {
      network: '6',
      transport: 'icmpv6',
      text: () => `icmpv6 type ${this.pick(['echo-request', 'nd-neighbor-solicit'])}`,
    },
    { text: () => `iifname ${this.#not()}${this.pick(['"r0"', '"r*"', '{ "r0", "lo" }', '"x"'])}` },
    { text: () => `iif ${this.#not()}r0` },
    { text: () => `oifname ${this.#not()}${this.pick(['"r1"', '{ "r1", "x" }'])}` },
    { text: () => `meta mark ${this.#not()}${this.pick(['0x5', '0x11', '0', '0x1-0x20', '{ 0x5, 0x10-0x12 }'])}` },
    { text: () => `meta mark & 0xf0 == 0x10` },
    {
      text: () =>
        `ct state ${this.pick(['new', 'established', 'invalid', 'untracked', 'new,established', '!= new', '{ new, untracked }'])}`,
    },
    { text: () => `ct direction ${this.pick(['original', 'reply'])}` },
    { text: () => `ct mark ${this.#not()}${this.pick(['0x7', '0'])}` },
    { text: () => `ct status ${this.pick(['dnat', 'snat', '& dnat != dnat'])}` },
    { network: '4', text: () => `ct original ip daddr ${this.#address()}` },
    { transport: 'ports', text: () => `meta l4proto { tcp, udp } ct original proto-dst ${this.#port()}` },
    {
      transport: 'tcp',
      text: () => `tcp flags ${this.pick(['syn', '& (syn | ack) == syn', '& (fin | syn | rst | ack) != syn'])}`,
    },
    { network: '4', text: () => `ip ttl ${this.pick(['64', '< 50', '63', '33'])}` },
    { network: '4', text: () => `ip length ${this.pick(['40', '> 30', '28'])}` },
    { text: () => `meta length ${this.pick(['40', '> 30'])}` },
    { network: '4', text: () => `ip dscp ${this.#not()}cs0` },
    { text: () => `fib daddr type ${this.#not()}${this.pick(['local', 'unicast', 'broadcast'])}` },
    { text: () => `fib saddr oif ${this.#not()}${this.pick(['r0', 'r1'])}` },
    { text: () => `fib saddr . iif oif ${this.pick(['missing', 'exists'])}` },
    { text: () => `meta pkttype ${this.#not()}${this.pick(['host', 'broadcast'])}` },
    { text: () => `@nh,96,16 ${this.pick(['0x0a01', '0x0a02'])}` },
    { text: () => `@th,16,16 & 0xff == ${this.pick(['0x50', '0x16'])}` },
    { text: () => `limit name "wide"` },
    { text: () => `limit rate over 100000/second` },
    { text: () => `quota name "empty"` },
    { text: () => 'meta iiftype ether' },
    { text: () => 'meta iifgroup default' },
    { network: '4', text: () => 'ip option rr exists' },
    { network: '6', text: () => 'exthdr frag missing' },
    { network: '6', text: () => `ip6 dscp ${this.#not()}cs0` },
    { network: '6', text: () => 'ip6 hoplimit { 63, 64 }' },
    { transport: 'tcp', text: () => 'tcp doff 5' },
    { text: () => 'ether type { ip, arp }' },
  ]

  readonly #statements: readonly Part[] = [
    this.#plain('accept'),
    this.#plain('drop'),
    this.#plain('drop'),
    this.#plain('return'),
    this.#plain('counter'),
    this.#plain('meta mark set 0x11'),
    this.#plain('meta mark set meta mark | 0x4'),
    this.#plain('meta mark set meta mark << 4'),
    this.#plain('meta mark set ct mark >> 1'),
    { network: '6', text: () => 'ip6 hoplimit set 33' },
    { network: '4', text: () => 'ip dscp set cs1' },
    {
      network: '4',
      text: () => 'meta mark set ip saddr . meta l4proto map { 10.1.0.2 . tcp : 0x21, 10.1.0.3 . udp : 0x22 }',
    },
    { transport: 'tcp', text: () => 'add @seen { tcp dport limit rate 100000/second }' },
    { transport: 'tcp', text: () => 'add @met { tcp dport limit rate over 100000/second } drop' },
    { network: '4', text: () => 'meta mark set ip saddr map @marks' },
    { transport: 'tcp', text: () => 'meta mark set tcp dport map { 22 : 0x5, 80 : 0x11, 443 : 0x15 }' },
    this.#plain('ct mark set 0x7'),
    this.#plain('ct mark set meta mark'),
    this.#plain('meta mark set ct mark'),
    { network: '4', text: () => 'ip ttl set 33' },
    { transport: 'tcp', text: () => 'tcp dport vmap { 22 : drop, 80 : accept, 1-20 : continue }' },
    {
      network: '4',
      transport: 'tcp',
      text: () => 'ip saddr . tcp dport vmap { 10.1.0.2 . 80 : drop, 10.1.0.3 . 22 : accept }',
    },
    this.#plain('ct state vmap { new : continue, invalid : drop, established : accept, untracked : accept }'),
  ]

  readonly #jumps: readonly Part[] = [
    ...['jump leaf', 'goto leaf', 'jump branch', 'goto branch'].map((text) => this.#plain(text)),
    { transport: 'tcp', text: () => 'tcp dport vmap @verdicts' },
    { transport: 'ports', text: () => 'meta l4proto vmap { tcp : jump branch, udp : goto leaf }' },
  ]

  readonly #destinations: readonly Part[] = [
    { network: '4', text: () => 'dnat ip to 10.2.0.3' },
    { network: '4', transport: 'tcp', text: () => 'meta l4proto tcp dnat ip to 10.2.0.4:8080' },
    { network: '6', text: () => 'dnat ip6 to fd00:2::3' },
    {
      network: '4',
      transport: 'tcp',
      text: () => 'dnat ip to tcp dport map { 80 : 10.2.0.2 . 8080, 22 : 10.2.0.3 . 2222 }',
    },
    { network: '4', text: () => 'dnat ip to ip daddr map { 10.2.0.2 : 10.2.0.9, 10.1.0.1 : 10.2.0.8 }' },
    { transport: 'tcp', text: () => 'meta l4proto tcp redirect to :8080' },
    ...['redirect', 'accept', 'drop', 'counter'].map((text) => this.#plain(text)),
  ]

  readonly #sources: readonly Part[] = [
    { network: '4', text: () => 'snat ip to 10.2.0.1' },
    { network: '4', text: () => 'oifname "r1" snat ip to 10.2.0.20' },
    { network: '6', text: () => 'snat ip6 to fd00:2::9' },
    ...['masquerade', 'accept', 'drop', 'counter'].map((text) => this.#plain(text)),
  ]

  packet(): Partial<Packet> {
    const isV6 = this.below(4) === 0
    const protocol = this.pick(isV6 ? [6, 6, 17, 58] : [6, 6, 17, 1])
    const side = isV6 ? v6Addresses : addresses
    const isClient = (address: string): boolean => /^(10\.1\.0\.[2-9]|fd00:1::[2-9])/.test(address)
    return {
      family: isV6 ? 'ipv6' : 'ipv4',
      protocol,
      source: this.pick(side.filter(isClient)),
      destination: this.pick(side.filter((address) => !isClient(address))),
      ...(protocol === 6 || protocol === 17 ? { destinationPort: this.pick(ports) } : {}),
      ...(protocol === 6 ? { tcpFlags: this.pick([2, 2, 2, 16, 18, 4, 17]) } : {}),
    }
  }
}

function agree(a: Part, b: Part): boolean {
  const same = (x: string | undefined, y: string | undefined): boolean => x === undefined || y === undefined || x === y
  const v6 = a.network === '6' || b.network === '6'
  return (
    same(a.network, b.network) && same(a.transport, b.transport) && !(v6 && (a.transport ?? b.transport) === 'icmp')
  )
}

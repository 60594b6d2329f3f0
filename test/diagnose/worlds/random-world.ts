/** Small networks drawn at random from a seed, and random ways to break them: what ping sees is held against what is predicted. */
import { execFileSync, spawnSync } from 'node:child_process'
import { ip, NamedNamespaces } from '../../support/iproute.ts'

/** Numbers that follow from a seed (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below `sides`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * sides)
  }

  /** One of these. */
  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)]!
  }
}

/** An end station. */
export interface Station {
  readonly short: string
  readonly lan: number
  readonly v4: string
  readonly v6: string
}

/**
 * Two or three lans, each a bridge; on some of them the router itself is the bridge, on others it is plugged into a bridge of
 * its own namespace; stations on each; routers in a chain joined by wires, the middle one without stations perhaps.
 */
export class RandomWorld {
  readonly stations: Station[] = []
  readonly routers: string[] = []
  readonly #names: NamedNamespaces
  readonly #full = new Map<string, string>()
  readonly #ports: { place: string; port: string; bridge: string; station: string }[] = []
  readonly #dice: Dice

  constructor(seed: number) {
    this.#names = new NamedNamespaces(`path${seed}`)
    this.#dice = new Dice(seed)
  }

  /** Full name of a namespace. */
  name(short: string): string {
    return this.#full.get(short) ?? short
  }

  /** Builds it. */
  build(): void {
    const lans = 2 + this.#dice.roll(2)
    for (let lan = 0; lan < lans; lan++) this.#lan(lan)
    for (let lan = 0; lan + 1 < lans; lan++) this.#wire(lan, lan + 1)
    for (let lan = 0; lan < lans; lan++) this.#routes(lan, lans)
  }

  #add(short: string): void {
    this.#full.set(short, this.#names.add(short))
    this.inside(
      short,
      `ip link set lo up; sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0`,
    )
  }

  #lan(lan: number): void {
    const router = `r${lan}`
    this.#add(router)
    this.routers.push(router)
    const apart = this.#dice.roll(2) === 0
    const place = apart ? `sw${lan}` : router
    if (apart) this.#add(place)
    this.inside(place, `ip link add br0 type bridge; ip link set br0 up`)
    if (apart) this.#plug(router, 'lan0', place, 'trunk', lan)
    const own = apart ? 'lan0' : 'br0'
    this.inside(
      router,
      `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ip addr add 10.9${lan}.0.1/24 dev ${own}; ip addr add fd9${lan}::1/64 dev ${own} nodad`,
    )
    for (let i = 0; i < 2; i++) this.#station(lan, i, place)
  }

  #station(lan: number, i: number, place: string): void {
    const short = `s${lan}${i}`
    this.#add(short)
    this.#plug(short, 'eth0', place, `p${i}`, lan)
    const [v4, v6] = [`10.9${lan}.0.1${i}`, `fd9${lan}::1${i}`]
    this.inside(
      short,
      `ip addr add ${v4}/24 dev eth0; ip addr add ${v6}/64 dev eth0 nodad; ip route add default via 10.9${lan}.0.1; ip -6 route add default via fd9${lan}::1`,
    )
    this.stations.push({ short, lan, v4, v6 })
  }

  #plug(short: string, device: string, place: string, port: string, _lan: number): void {
    this.#veth(short, device, place, port)
    this.inside(place, `ip link set ${port} master br0`)
    this.#ports.push({ place, port, bridge: 'br0', station: short })
  }

  #veth(a: string, at: string, b: string, bt: string): void {
    ip(`-n ${this.name(a)} link add ${at} type veth peer name ${bt} netns ${this.name(b)}`)
    ip(`-n ${this.name(a)} link set ${at} up`)
    ip(`-n ${this.name(b)} link set ${bt} up`)
  }

  #wire(left: number, right: number): void {
    this.#veth(`r${left}`, `to${right}`, `r${right}`, `to${left}`)
    const net = `10.8${left}.0`
    this.inside(`r${left}`, `ip addr add ${net}.1/24 dev to${right}; ip addr add fd8${left}::1/64 dev to${right} nodad`)
    this.inside(`r${right}`, `ip addr add ${net}.2/24 dev to${left}; ip addr add fd8${left}::2/64 dev to${left} nodad`)
  }

  #routes(lan: number, lans: number): void {
    for (let other = 0; other < lans; other++) {
      if (other === lan) continue
      const wire = other > lan ? lan : lan - 1
      const end = other > lan ? 2 : 1
      this.inside(
        `r${lan}`,
        `ip route add 10.9${other}.0.0/24 via 10.8${wire}.0.${end}; ip -6 route add fd9${other}::/64 via fd8${wire}::${end}`,
      )
    }
  }

  /** Runs shell lines inside a namespace. @throws Error when one fails */
  inside(short: string, script: string): void {
    execFileSync('ip', ['netns', 'exec', this.name(short), 'bash', '-euc', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Breaks, or changes, something; says what. */
  breakSomething(): string {
    const dice = this.#dice
    const station = dice.pick(this.stations)
    const router = dice.pick(this.routers)
    const port = dice.pick(this.#ports)
    const other = dice.pick(this.stations)
    const [place, script] = dice.pick<readonly [string, string]>([
      [station.short, 'ip link set eth0 down'],
      [port.place, `ip link set ${port.port} down`],
      [port.place, `ip link set ${port.port} nomaster`],
      [port.place, `bridge link set dev ${port.port} isolated on`],
      [port.place, `bridge link set dev ${port.port} state 0`],
      [port.place, `bridge link set dev ${port.port} learning off flood off`],
      [port.place, `bridge link set dev ${port.port} bcast_flood off`],
      [port.place, `bridge link set dev ${port.port} hairpin on`],
      [port.place, 'ip link set br0 down'],
      [station.short, 'ip route del default'],
      [station.short, 'ip -6 route del default'],
      [station.short, `ip addr flush dev eth0`],
      [station.short, `ip neigh replace ${other.v4} lladdr 02:00:00:00:00:01 dev eth0 nud permanent`],
      [station.short, `ip route add blackhole ${other.v4}`],
      [station.short, `ip rule add to ${other.v4} unreachable`],
      [station.short, 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1'],
      [station.short, 'sysctl -qw net.ipv4.conf.all.arp_ignore=8'],
      [station.short, `ip link set eth0 address 02:99:00:00:00:01`],
      [station.short, `ip link set eth0 arp off`],
      [
        station.short,
        `nft 'add table arp t; add chain arp t i { type filter hook input priority 0; }; add rule arp t i arp operation request drop'`,
      ],
      [
        station.short,
        `nft 'add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i icmpv6 type nd-neighbor-solicit drop'`,
      ],
      [
        station.short,
        `nft 'add table inet t; add chain inet t o { type filter hook output priority 0; }; add rule inet t o ip daddr ${other.v4} drop'`,
      ],
      [router, 'sysctl -qw net.ipv4.ip_forward=0'],
      [router, 'sysctl -qw net.ipv6.conf.all.forwarding=0'],
      [router, 'sysctl -qw net.ipv4.conf.all.rp_filter=1'],
      [router, `ip route del 10.9${other.lan}.0.0/24`],
      [router, `ip -6 route del fd9${other.lan}::/64`],
      [router, `ip route add ${other.v4} dev lo`],
      [
        router,
        `ip route replace 10.9${other.lan}.0.0/24 via 10.80.0.77 onlink dev $(ip -o -4 addr | awk '/10.8/{print $2; exit}')`,
      ],
      [router, `ip rule add from ${station.v4} table 99`],
      [router, `ip route add unreachable default table 98; ip rule add from ${station.v4} table 98`],
      [
        router,
        `nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p masquerade'`,
      ],
      [
        router,
        `nft 'add table ip n; add chain ip n d { type nat hook prerouting priority -100; }; add rule ip n d ip daddr ${other.v4} dnat to ${station.v4}'`,
      ],
      [
        router,
        `nft 'add table inet f; add chain inet f f { type filter hook forward priority 0; policy drop; }; add rule inet f f ct state established accept; add rule inet f f ip saddr ${station.v4} accept; add rule inet f f ip6 saddr ${station.v6} accept'`,
      ],
      [
        port.place,
        `nft 'add table bridge b; add chain bridge b f { type filter hook forward priority 0; }; add rule bridge b f ether type arp drop'`,
      ],
      [
        port.place,
        `nft 'add table bridge b; add chain bridge b f { type filter hook forward priority 0; }; add rule bridge b f oifname ${port.port} drop'`,
      ],
      [
        port.place,
        `nft 'add table netdev n; add chain netdev n i { type filter hook ingress device ${port.port} priority 0; }; add rule netdev n i meta protocol ip drop'`,
      ],
    ])
    const done = spawnSync('ip', ['netns', 'exec', this.name(place), 'bash', '-euc', script], { encoding: 'utf8' })
    return `${place}: ${script}${done.status === 0 ? '' : ' (refused)'}`
  }

  /** Whether a ping is answered. */
  pings(from: string, to: string): boolean {
    return spawnSync('ip', ['netns', 'exec', this.name(from), 'ping', '-n', '-c1', '-W1', to]).status === 0
  }

  /** Forgets what neighbours and bridges have learned. */
  forget(): void {
    for (const name of this.#full.values()) {
      spawnSync('ip', ['-n', name, 'neigh', 'flush', 'all'])
    }
  }

  /** Removes it. */
  close(): void {
    this.#names.close()
  }
}

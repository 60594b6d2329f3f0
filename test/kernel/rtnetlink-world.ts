/** A small world for rtnetlink's tests: two named namespaces, a bridge with a veth port, a vxlan, and iproute2 to compare with. */
import { execFileSync, spawnSync } from 'node:child_process'
import { Namespace, NetlinkProtocol, NetlinkSocket } from '../../src/kernel/index.ts'
import { addLink, getLink, type Link, linkUpRequest, setLink } from '../../src/kernel/rtnetlink/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: what iproute2 prints
export type Printed = any

/** The world. Its names are unique to this process and to `purpose`. */
export class RtnetlinkWorld {
  readonly name: string
  readonly here: Namespace
  readonly there: Namespace
  readonly socket: NetlinkSocket
  readonly farSocket: NetlinkSocket
  readonly #names: string[]

  constructor(purpose: string) {
    this.name = `nwt-${purpose}-${process.pid}-a`
    const far = `nwt-${purpose}-${process.pid}-b`
    this.#names = [this.name, far]
    try {
      for (const name of this.#names) execFileSync('ip', ['netns', 'add', name])
      this.here = Namespace.open({ name: this.name })
      this.there = Namespace.open({ name: far })
      this.socket = NetlinkSocket.open(NetlinkProtocol.route, this.here)
      this.farSocket = NetlinkSocket.open(NetlinkProtocol.route, this.there)
    } catch (error) {
      this.#forgetNames()
      throw error
    }
  }

  /** Makes `br0` with the port `v0`, whose other end is `v1` on the far side, `vx0` and `ifb7`; the first three are up. */
  furnish(): void {
    const { socket } = this
    addLink(socket, {
      name: 'br0',
      address: '02:00:00:00:0b:00',
      info: { kind: 'bridge', bridge: { ageingTime: 12_000 } },
    })
    const peer = { name: 'v1', address: '02:00:00:00:00:01', netNsFd: this.there.fd }
    addLink(socket, { name: 'v0', mtu: 1400, info: { kind: 'veth', veth: { peer } } })
    const portRange = { low: 40_000, high: 40_100 }
    const vxlan = { id: 0x123456, port: 4790, local: '10.77.0.1', ttl: 9, learning: 0, portRange }
    addLink(socket, { name: 'vx0', info: { kind: 'vxlan', vxlan } })
    addLink(socket, { name: 'ifb7', info: { kind: 'ifb' } })
    setLink(socket, { name: 'v0' }, { master: this.link('br0').index, alias: 'to the far side' })
    for (const name of ['lo', 'br0', 'v0', 'vx0']) socket.request(linkUpRequest({ name }))
    this.farSocket.request(linkUpRequest({ name: 'v1' }))
  }

  /** A link on the near side, as our own code reads it. */
  link(name: string): Link {
    return getLink(this.socket, { name })
  }

  /** What `ip` prints for the near side. */
  ip(...words: string[]): Printed[] {
    const printed = execFileSync('ip', ['-n', this.name, '-j', '-d', ...words], { encoding: 'utf8' })
    // It prints an empty object for what it was told to leave out.
    return (printed.trim() === '' ? [] : JSON.parse(printed)).filter((row: object) => Object.keys(row).length > 0)
  }

  /** What `bridge` prints for the near side. */
  bridge(...words: string[]): Printed[] {
    return JSON.parse(execFileSync('bridge', ['-n', this.name, '-j', '-d', ...words], { encoding: 'utf8' }))
  }

  /** What `tc` prints for the near side. */
  tc(...words: string[]): Printed[] {
    return JSON.parse(execFileSync('tc', ['-n', this.name, '-j', ...words], { encoding: 'utf8' }))
  }

  /** Removes it all. */
  close(): void {
    for (const open of [this.socket, this.farSocket, this.here, this.there]) open.close()
    this.#forgetNames()
  }

  #forgetNames(): void {
    for (const name of this.#names) spawnSync('ip', ['netns', 'del', name])
  }
}

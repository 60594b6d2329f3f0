/** A small real network of named namespaces, that a test builds, breaks and removes. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, type Holder } from '../support/holder.ts'
import { inodeOfName, ip, NamedNamespaces } from '../support/iproute.ts'

/** Settings that differ between hosts and would decide cases of their own: reverse path checks, duplicate address detection. */
const NEUTRAL = [
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv6.conf.all.accept_dad=0',
  'net.ipv6.conf.default.accept_dad=0',
  'net.ipv6.conf.default.accept_ra=0',
]

/** A network under test. */
export class World {
  readonly #namespaces: NamedNamespaces
  readonly #names = new Map<string, string>()
  readonly #reserved: string[] = []
  readonly #children: Holder[] = []
  readonly #folders: string[] = []

  /** @param purpose makes the names unique to the test */
  constructor(purpose: string) {
    this.#namespaces = new NamedNamespaces(`g${purpose}`)
  }

  /** Full name of a namespace of this world. */
  name(short: string): string {
    const name = this.#names.get(short)
    if (name === undefined) throw new Error(`this world has no namespace ${short}`)
    return name
  }

  /** Its inode. */
  inode(short: string): string {
    return inodeOfName(this.name(short))
  }

  /** Inodes of all namespaces of this world. */
  inodes(): Set<string> {
    return new Set([...this.#names.keys()].map((short) => this.inode(short)))
  }

  /** Makes namespaces with loopback up. */
  add(...shorts: readonly string[]): void {
    for (const short of shorts) {
      this.#names.set(short, this.#namespaces.add(short))
      this.inside(short, `ip link set lo up; sysctl -qw ${NEUTRAL.join(' ')}`)
    }
  }

  /** Whether a name in /run/netns is one of this world's, reserved ones too. */
  owns(name: string): boolean {
    return [...this.#names.values()].includes(name) || this.#reserved.includes(name)
  }

  /** A name in /run/netns of this world that the test fills itself; removed with the world. */
  reserve(short: string): string {
    const name = this.#namespaces.name(short)
    this.#reserved.push(name)
    return name
  }

  /** Runs shell lines inside a namespace. @throws Error when one fails */
  inside(short: string, script: string): string {
    return execFileSync('ip', ['netns', 'exec', this.name(short), 'bash', '-euc', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Whether shell lines succeed inside a namespace. */
  succeeds(short: string, script: string): boolean {
    try {
      this.inside(short, script)
      return true
    } catch {
      return false
    }
  }

  /** The same within three seconds: a neighbour that was asked for in vain is asked again only after a while. */
  async soonSucceeds(short: string, script: string): Promise<boolean> {
    const end = Date.now() + 3000
    while (!this.succeeds(short, script)) {
      if (Date.now() > end) return false
      await sleep(100)
    }
    return true
  }

  /** Empties the caches of neighbours; permanent entries stay. */
  forgetNeighbours(): void {
    for (const name of this.#names.values()) ip(`-n ${name} neigh flush all`)
  }

  /** A veth between two namespaces, both ends up: `wire('a', 'eth0', 'host', 'va')`. */
  wire(a: string, nameAtA: string, b: string, nameAtB: string): void {
    this.inside(
      a,
      `ip link add ${nameAtA} type veth peer name ${nameAtB} netns ${this.name(b)}; ip link set ${nameAtA} up
       ip -n ${this.name(b)} link set ${nameAtB} up`,
    )
  }

  /** Starts a server of Node inside a namespace; `code` says `up` when it is ready. */
  async serve(short: string, code: string): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.name(short), process.execPath, '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }) as Holder
    this.#children.push(child)
    await once(child.stdout!, 'data')
  }

  /** A TCP server. */
  async listen(short: string, port: number, address = '0.0.0.0'): Promise<void> {
    await this.serve(
      short,
      `require('net').createServer(s=>s.on('error',()=>{}).end('hello\\n')).listen(${port},'${address}',()=>console.log('up'))`,
    )
  }

  /** A UDP server that sends back what it gets. */
  async echo(short: string, port: number, kind: 'udp4' | 'udp6' = 'udp4'): Promise<void> {
    await this.serve(
      short,
      `const s=require('dgram').createSocket('${kind}');s.on('message',(m,r)=>s.send(m,r.port,r.address));s.bind(${port},()=>console.log('up'))`,
    )
  }

  /** A nameserver that knows these names, and says of all others that they do not exist. */
  async nameserver(short: string, names: Readonly<Record<string, string>>, address = '0.0.0.0'): Promise<void> {
    await this.serve(
      short,
      `const names=${JSON.stringify(names)};const s=require('dgram').createSocket('udp4')
       s.on('message',(m,r)=>{let o=12,l=[];while(m[o]){l.push(m.toString('latin1',o+1,o+1+m[o]));o+=m[o]+1}
       const type=m.readUInt16BE(o+1),q=m.subarray(12,o+5),a=names[l.join('.').toLowerCase()]
       const h=Buffer.from([m[0],m[1],0x84|(m[2]&1),a?0x80:0x83,0,1,0,a&&type===1?1:0,0,0,0,0])
       s.send(a&&type===1?Buffer.concat([h,q,Buffer.from([0xc0,12,0,1,0,1,0,0,0,60,0,4,...a.split('.').map(Number)])]):Buffer.concat([h,q]),r.port,r.address)})
       s.bind(53,'${address}',()=>console.log('up'))`,
    )
  }

  /** Gives a namespace a file under /etc/netns, as `ip netns exec` uses them. */
  configure(short: string, file: string, text: string): void {
    const folder = `/etc/netns/${this.name(short)}`
    mkdirSync(folder, { recursive: true })
    if (!this.#folders.includes(folder)) this.#folders.push(folder)
    writeFileSync(`${folder}/${file}`, text)
  }

  /** Removes everything. */
  async destroy(): Promise<void> {
    for (const child of this.#children) await end(child)
    this.#namespaces.close()
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** Small worlds for probes: named namespaces joined by veth pairs, and programs that answer in them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Namespace } from '../../src/kernel/index.ts'
import { end, until } from '../support/holder.ts'
import { ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'

/** A world. Close it, also when the test failed. */
export class ProbeWorld {
  readonly names: NamedNamespaces
  readonly #open: Namespace[] = []
  readonly #children: ChildProcess[] = []
  readonly #links: [name: string, link: string][] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'nwt-probe-'))

  constructor(purpose: string) {
    this.names = new NamedNamespaces(purpose)
  }

  /** Makes a namespace with its loopback up. */
  add(suffix: string): { readonly name: string; readonly namespace: Namespace } {
    const name = this.names.add(suffix)
    this.inside(name, ['link set lo up'])
    // Link-local addresses, with which neighbours are sought, would be tentative for a second otherwise.
    const settings = ['net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0']
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', ...settings])
    const namespace = Namespace.open({ name })
    this.#open.push(namespace)
    return { name, namespace }
  }

  /** Runs `ip` commands in a namespace. */
  inside(name: string, lines: readonly string[]): void {
    ipBatch(lines, { inside: name })
  }

  /**
   * Joins two namespaces by a veth pair.
   * @param left interface name and addresses with prefix lengths, in the first namespace
   */
  join(a: string, left: readonly [string, ...string[]], b: string, right: readonly [string, ...string[]]): void {
    ipBatch([`link add ${left[0]} netns ${a} type veth peer name ${right[0]} netns ${b}`])
    for (const [name, [link, ...addresses]] of [
      [a, left],
      [b, right],
    ] as const) {
      const lines = addresses.map((it) => `addr add ${it} dev ${link}`)
      this.inside(name, [...lines, `link set ${link} up`])
      this.#links.push([name, link])
    }
  }

  /** Waits until all links carry packets: the kernel takes up to a second to see that the other end is up (link_watch.c). */
  settle(): Promise<void> {
    return until(() => this.#links.every(([name, link]) => ip(`-n ${name} -o link show ${link}`).includes('state UP')))
  }

  /** Writes a file of this world; returns its path. */
  file(name: string, content: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, content)
    return path
  }

  /** Starts a program in a namespace that lives until the world is closed, and waits until it says something that fits. */
  async start(name: string, words: readonly string[], ready: RegExp): Promise<ChildProcess> {
    const child = spawn('ip', ['netns', 'exec', name, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.push(child)
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const hear = (part: Buffer): void => {
        said += part
        if (ready.test(said)) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      once(child, 'exit').then(() => reject(new Error(`${words.join(' ')} ended: ${said}`)), reject)
    })
    return child
  }

  /** Starts a script of Node's in a namespace, which prints `ready` when it is. */
  node(name: string, script: string): Promise<ChildProcess> {
    return this.start(name, [process.execPath, '--input-type=module', '-e', script], /ready/)
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0)) await end(child)
    for (const namespace of this.#open.splice(0)) namespace.close()
    this.names.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

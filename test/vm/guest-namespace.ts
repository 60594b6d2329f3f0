/** A namespace of a test in the guest, and the tools that the kernel's answers are compared with. */
import { execFileSync } from 'node:child_process'
import { Namespace } from '../../src/kernel/netns/namespace.ts'

/** A named namespace that is gone after the test. */
export class GuestNamespace {
  readonly name: string
  readonly namespace: Namespace

  constructor(name: string) {
    this.name = name
    execFileSync('ip', ['netns', 'add', name])
    // IPVS takes destinations only where there is a local routing table, which the first address makes.
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
    this.namespace = Namespace.open({ name })
  }

  /** What a tool prints when it runs in the namespace; `input` is what it reads. */
  run(command: string, args: readonly string[], input = ''): string {
    return execFileSync('ip', ['netns', 'exec', this.name, command, ...args], { encoding: 'utf8', input })
  }

  /** What `ip -j` with these words says. */
  // biome-ignore lint/suspicious/noExplicitAny: the documents of ip have no types
  ip(...words: string[]): any {
    return JSON.parse(this.run('ip', ['-d', '-j', ...words]))
  }

  [Symbol.dispose](): void {
    this.namespace.close()
    execFileSync('ip', ['netns', 'delete', this.name])
  }
}

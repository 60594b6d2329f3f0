/** A small world for tests: two hosts with a router between them that filters. */
import { execFileSync } from 'node:child_process'
import { ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'

/** Names of the namespaces. */
export interface RoutedWorld {
  readonly names: NamedNamespaces
  readonly left: string
  readonly router: string
  readonly right: string
}

/** Builds it: left 10.9.1.2, right 10.9.2.2, the router's interfaces are called `toleft` and `toright`. */
export function buildRoutedWorld(purpose: string): RoutedWorld {
  const names = new NamedNamespaces(purpose)
  const [left, router, right] = ['left', 'router', 'right'].map((suffix) => names.add(suffix)) as [
    string,
    string,
    string,
  ]
  ip(`link add eth0 netns ${left} type veth peer name toleft netns ${router}`)
  ip(`link add eth0 netns ${right} type veth peer name toright netns ${router}`)
  const ends = [
    [left, 'eth0', '10.9.1.2/24'],
    [right, 'eth0', '10.9.2.2/24'],
    [router, 'toleft', '10.9.1.1/24'],
    [router, 'toright', '10.9.2.1/24'],
  ] as const
  for (const [inside, device, address] of ends) {
    ipBatch(['link set lo up', `addr add ${address} dev ${device}`, `link set ${device} up`], { inside })
  }
  ip(`-n ${left} route add default via 10.9.1.1`)
  ip(`-n ${right} route add default via 10.9.2.1`)
  run(router, 'sysctl -qw net.ipv4.ip_forward=1')
  return { names, left, router, right }
}

/** Runs a command inside, given as words with single blanks. */
export function run(inside: string, command: string, input?: string): string {
  return execFileSync('ip', ['netns', 'exec', inside, ...command.split(' ')], {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  })
}

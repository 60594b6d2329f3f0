/** A host of many containers on one bridge, with the rules of a firewall: what a trace has to find its way through. */
import { execFileSync } from 'node:child_process'
import { namedNamespaces } from '../world.ts'

const PREFIX = 'nwt-bench-d-'

/** The host's namespace. */
export const HOST = `${PREFIX}host`

/** Name of a container's namespace, from 0. */
export function containerName(i: number): string {
  return `${PREFIX}${i}`
}

/** Address of a container. */
export function containerAddress(i: number): string {
  return `10.90.${i >> 7}.${(i & 127) + 2}`
}

/** Makes it. The last container drops what comes to TCP port 81. */
export function makeContainerHost(containers: number): void {
  const all = Array.from({ length: containers }, (_, i) => i)
  batch(
    [],
    [HOST, ...all.map(containerName)].map((name) => `netns add ${name}`),
  )
  batch(
    ['-n', HOST],
    ['link set lo up', 'link add br0 type bridge', 'addr add 10.90.255.1/16 dev br0', 'link set br0 up'],
  )
  batch(
    [],
    all.map((i) => `link add v${i} netns ${HOST} type veth peer name eth0 netns ${containerName(i)}`),
  )
  batch(
    ['-n', HOST],
    all.map((i) => `link set v${i} master br0 up`),
  )
  for (const i of all) {
    const lines = [
      'link set lo up',
      'link set eth0 up',
      `addr add ${containerAddress(i)}/16 dev eth0`,
      'route add default via 10.90.255.1',
    ]
    batch(['-n', containerName(i)], lines)
  }
  rules(
    HOST,
    'table inet firewall {\n chain forward {\n type filter hook forward priority 0\n ct state established,related accept\n }\n}\n',
  )
  // Every tenth has rules of its own that stand in nobody's way.
  for (const i of all.filter((i) => i % 10 === 5 && i < containers - 1)) {
    rules(
      containerName(i),
      'table inet own {\n chain input {\n type filter hook input priority 0; policy accept\n ct state invalid drop\n tcp dport { 22, 80, 443 } accept\n }\n}\n',
    )
  }
  rules(
    containerName(containers - 1),
    'table inet guard {\n chain entrance {\n type filter hook input priority 0\n tcp dport 81 drop\n }\n}\n',
  )
}

/** Removes it, also what an earlier run left behind. */
export function removeContainerHost(): void {
  const names = namedNamespaces().filter((name) => name.startsWith(PREFIX))
  if (names.length > 0)
    batch(
      [],
      names.map((name) => `netns del ${name}`),
    )
}

function batch(words: readonly string[], lines: readonly string[]): void {
  execFileSync('ip', [...words, '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

function rules(namespace: string, text: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], {
    input: text,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

/** Diagnosing: how long a person waits for a trace on a host of 100 namespaces, and for an examination of one of 200. */
import { join } from 'node:path'
import { compareProcesses, type Spread } from '../measure.ts'
import { type Figure, report } from '../report.ts'
import { containerAddress, containerName, HOST, makeContainerHost, removeContainerHost } from './container-host.ts'

const program = join(import.meta.dirname, '../../dist/bin/netwright.cjs')
const NAMESPACES = 100
const RUNS = 7
/** What a person types instead, in as many namespaces as a packet passes here: far from all that decides its way. */
const BY_HAND = [containerName(0), HOST, containerName(NAMESPACES - 2)]
  .map(
    (name) =>
      `ip netns exec ${name} sh -c 'ip addr; ip route; ip neigh; bridge fdb; bridge link; nft list ruleset; ss -tuln'`,
  )
  .join(' && ')

if (!report('diagnose', [...withHost(NAMESPACES, traces), ...withHost(200, examination)])) process.exitCode = 1

function withHost(namespaces: number, measure: () => Figure[]): Figure[] {
  removeContainerHost()
  try {
    makeContainerHost(namespaces - 1)
    return measure()
  } finally {
    removeContainerHost()
  }
}

/** What is wrong elsewhere on this machine is none of our business here: only the time is. */
function examination(): Figure[] {
  const each = 'ip -j addr; ip -j route; ip -j neigh; bridge -j fdb; bridge -j link; nft -j list ruleset; ss -tuln'
  const [ours, theirs] = compareProcesses(
    [
      ['sh', '-c', `${process.execPath} ${program} doctor --json; true`],
      ['sh', '-c', `for name in $(ls /run/netns); do ip netns exec "$name" sh -c '${each}'; done; true`],
    ],
    3,
  )
  const script = `a script in each namespace: ${milliseconds(theirs!.milliseconds)}`
  return [{ ...within('doctor of 200 namespaces', ours!.milliseconds, 500), against: script }]
}

function traces(): Figure[] {
  const from = `ns:${containerName(0)}`
  const to = containerAddress(NAMESPACES - 2)
  const ours = (...words: string[]): string[] => [process.execPath, program, 'trace', from, to, ...words, '--json']
  const [healthy, predicted, dropped, byHand] = compareProcesses(
    [ours(), ours('--predict'), ours('--tcp', '81', '--expect', 'dropped'), ['sh', '-c', BY_HAND]],
    RUNS,
  )
  const hand = `commands by hand in three namespaces: ${milliseconds(byHand!.milliseconds)}`
  return [
    { ...within('trace, all is well', healthy!.milliseconds, 300), against: hand },
    within('trace --predict', predicted!.milliseconds, 300),
    within('trace, something is dropped', dropped!.milliseconds, 1500),
    { what: 'trace, peak memory', value: `${(healthy!.peakKibibytes / 1024).toFixed(0)} MiB` },
  ]
}

/** A figure held against the time that a person was promised. */
function within(what: string, spread: Spread, most: number): Figure {
  return {
    what: `${what}, of ${most} ms`,
    value: milliseconds(spread),
    ratio: spread.median / most,
    bound: { kind: 'most', value: 1 },
  }
}

function milliseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(0)} ms (${least.toFixed(0)}–${most.toFixed(0)})`
}

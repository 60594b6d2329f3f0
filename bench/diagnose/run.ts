/** Diagnosing: how long a person waits for a trace on a host of 100 namespaces. */
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

removeContainerHost()
try {
  makeContainerHost(NAMESPACES - 1)
  if (!report('diagnose', traces())) process.exitCode = 1
} finally {
  removeContainerHost()
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

/** Probing: captures beside tcpdump and tshark, throughput beside iperf3. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { report } from '../report.ts'
import { benchCapture } from './capture.ts'
import { withLinkedPair } from './linked-pair.ts'
import { benchThroughput } from './throughput.ts'

const program = join(import.meta.dirname, '../../dist/bin/netwright.cjs')
const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
try {
  const figures = await withLinkedPair(async (pair) => [
    ...(await benchThroughput(pair, program)),
    ...(await benchCapture(pair, program, work)),
  ])
  if (!report('probe', figures)) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** `netwright-cni`: what a container runtime calls. The answer goes to standard output, also when it is an error. */
import { readFileSync, writeSync } from 'node:fs'
import { runCniPlugin } from '../daemon/index.ts'

const STANDARD_INPUT = 0
const STANDARD_OUTPUT = 1
const LARGEST_INPUT = 1 << 20

void main()

async function main(): Promise<void> {
  const { output, exitCode } = await runCniPlugin({ environment: process.env, input: standardInput() })
  if (output !== undefined) writeAll(`${JSON.stringify(output, undefined, 2)}\n`)
  process.exitCode = exitCode
}

/** Everything on standard input; a runtime closes it. */
function standardInput(): string {
  try {
    return readFileSync(STANDARD_INPUT).subarray(0, LARGEST_INPUT).toString('utf8')
  } catch {
    // Without one there is no configuration, which is told as such.
    return ''
  }
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) done += writeSync(STANDARD_OUTPUT, bytes, done)
}

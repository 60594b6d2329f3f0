/** A table of expectations: which flows are to get through, and which are not. */

/** What is expected of a flow; anything but delivered counts as dropped. */
export type ExpectedVerdict = 'delivered' | 'dropped'

/** One line of the table. */
export interface Expectation {
  /** In the file, from 1. */
  readonly line: number
  readonly from: string
  readonly to: string
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port: number | undefined
  readonly family: 'ipv4' | 'ipv6' | undefined
  readonly expected: ExpectedVerdict
}

/** A line that makes no sense. */
export class ExpectationsError extends Error {
  override readonly name = 'ExpectationsError'
  readonly code = 'E_EXPECTATIONS'
  readonly line: number

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
    this.line = line
  }
}

/** Lines that are read. */
const MOST_LINES = 10_000

/**
 * Reads a table. A line is `FROM TO [--icmp | --tcp PORT | --udp PORT] [-4 | -6] delivered|dropped`, or a JSON object with
 * `from`, `to`, `expect` and, where wanted, `protocol`, `port` and `family`. Empty lines, and what follows a `#` that stands
 * alone or begins the line, are comments.
 * @throws ExpectationsError for a line that is neither, or when there are none
 */
export function parseExpectations(text: string): Expectation[] {
  const lines = text.split('\n')
  if (lines.length > MOST_LINES) throw new ExpectationsError(MOST_LINES + 1, `a table has at most ${MOST_LINES} lines`)
  const expectations = lines.flatMap((content, i) => {
    const line = i + 1
    const trimmed = content.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    return [trimmed.startsWith('{') ? fromJson(line, trimmed) : fromWords(line, trimmed)]
  })
  if (expectations.length === 0) throw new ExpectationsError(1, 'there is no expectation in it')
  return expectations
}

function fromWords(line: number, content: string): Expectation {
  const [before = ''] = content.split(/\s#(?:\s|$)/, 1)
  const words = before.trim().split(/\s+/)
  const operands: string[] = []
  let protocol: Expectation['protocol'] = 'icmp'
  let port: number | undefined
  let family: Expectation['family']
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    switch (word) {
      case '--icmp':
        protocol = 'icmp'
        break
      case '--tcp':
      case '--udp':
        protocol = word === '--tcp' ? 'tcp' : 'udp'
        port = portOf(line, words[++i])
        break
      case '-4':
      case '-6':
        family = word === '-4' ? 'ipv4' : 'ipv6'
        break
      default:
        if (word.startsWith('-')) throw new ExpectationsError(line, `${word} is no option of an expectation`)
        operands.push(word)
    }
  }
  const [from, to, expected, ...rest] = operands
  if (from === undefined || to === undefined || expected === undefined || rest.length > 0) {
    throw new ExpectationsError(line, 'an expectation is FROM TO [--tcp PORT | --udp PORT] delivered|dropped')
  }
  return { line, from, to, protocol, port, family, expected: expectedOf(line, expected) }
}

function fromJson(line: number, content: string): Expectation {
  const given = objectOf(line, content)
  const { from, to, expect, protocol = 'icmp', port, family } = given
  if (typeof from !== 'string' || typeof to !== 'string' || from === '' || to === '') {
    throw new ExpectationsError(line, 'from and to must be words')
  }
  if (protocol !== 'icmp' && protocol !== 'tcp' && protocol !== 'udp') {
    throw new ExpectationsError(line, 'protocol must be icmp, tcp or udp')
  }
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6') {
    throw new ExpectationsError(line, 'family must be ipv4 or ipv6')
  }
  const number = protocol === 'icmp' ? undefined : portOf(line, port)
  return { line, from, to, protocol, port: number, family, expected: expectedOf(line, expect) }
}

function objectOf(line: number, content: string): Record<string, unknown> {
  try {
    return JSON.parse(content) as Record<string, unknown>
  } catch {
    throw new ExpectationsError(line, 'it begins like JSON and is none')
  }
}

function portOf(line: number, given: unknown): number {
  const port =
    typeof given === 'number' ? given : typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : Number.NaN
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ExpectationsError(line, `a port is a number from 1 to 65535, not ${String(given)}`)
  }
  return port
}

function expectedOf(line: number, word: unknown): ExpectedVerdict {
  if (word === 'delivered' || word === 'dropped') return word
  throw new ExpectationsError(line, `what is expected is delivered or dropped, not ${String(word)}`)
}

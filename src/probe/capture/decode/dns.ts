/** DNS messages (RFC 1035) as text: what is asked, and what is answered. Also mDNS and LLMNR, which look the same. */
import type { AddressText } from './address-text.ts'

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  41: 'OPT',
  43: 'DS',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
}
const RESPONSES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
/** Answers that a line has room for. */
const MOST_ANSWERS = 6
/** Labels of a name, pointers included (RFC 1035, 4.1.4): a name that leads in circles ends here. */
const MOST_LABELS = 128
const LONGEST_NAME = 255

/** A place after a name, and the name. */
interface ReadName {
  readonly name: string
  readonly next: number
}

/** A message that stands from `at` up to `end`. */
export function decodeDns(text: AddressText, bytes: Uint8Array, at: number, end: number): string {
  if (end - at < 12) return 'DNS [cut short]'
  const id = u16(bytes, at)
  const flags = u16(bytes, at + 2)
  const isAnswer = (flags & 0x8000) !== 0
  const questions: string[] = []
  let here = at + 12
  for (let i = Math.min(u16(bytes, at + 4), MOST_ANSWERS); i > 0; i--) {
    const question = readName(bytes, at, here, end)
    if (question === undefined || question.next + 4 > end)
      return `DNS ${isAnswer ? 'answer' : 'query'} ${id} [cut short]`
    questions.push(`${typeName(u16(bytes, question.next))}? ${question.name}`)
    here = question.next + 4
  }
  const asked = questions.join(', ')
  if (!isAnswer) return `DNS query ${id} ${asked}`.trimEnd()
  const response = RESPONSES[flags & 15] ?? `RCODE ${flags & 15}`
  const truncated = (flags & 0x0200) !== 0 ? ' truncated' : ''
  const answers = readAnswers(text, bytes, at, here, end, u16(bytes, at + 6))
  return `DNS answer ${id} ${response}${truncated} ${asked}${answers.length === 0 ? '' : ` = ${answers.join(', ')}`}`.trimEnd()
}

function readAnswers(
  text: AddressText,
  bytes: Uint8Array,
  message: number,
  from: number,
  end: number,
  count: number,
): string[] {
  const answers: string[] = []
  let here = from
  for (let i = 0; i < count && answers.length < MOST_ANSWERS; i++) {
    const owner = readName(bytes, message, here, end)
    if (owner === undefined || owner.next + 10 > end) break
    const type = u16(bytes, owner.next)
    const length = u16(bytes, owner.next + 8)
    const content = owner.next + 10
    if (content + length > end) break
    answers.push(recordText(text, bytes, message, content, content + length, type))
    here = content + length
  }
  if (count > answers.length) answers.push(`+${count - answers.length}`)
  return answers
}

function recordText(
  text: AddressText,
  bytes: Uint8Array,
  message: number,
  at: number,
  end: number,
  type: number,
): string {
  const length = end - at
  if (type === 1 && length === 4) return `A ${text.ipv4(bytes, at)}`
  if (type === 28 && length === 16) return `AAAA ${text.ipv6(bytes, at)}`
  const skip = { 2: 0, 5: 0, 12: 0, 15: 2, 33: 6 }[type]
  if (skip === undefined || length <= skip) return typeName(type)
  const name = readName(bytes, message, at + skip, end)?.name ?? '[damaged]'
  return type === 33 ? `SRV ${name}:${u16(bytes, at + 4)}` : `${typeName(type)} ${name}`
}

function readName(bytes: Uint8Array, message: number, from: number, end: number): ReadName | undefined {
  let name = ''
  let at = from
  let next = -1
  for (let i = 0; i < MOST_LABELS; i++) {
    if (at >= end) return undefined
    const length = bytes[at]!
    if (length === 0) return { name: name === '' ? '.' : name, next: next < 0 ? at + 1 : next }
    if ((length & 0xc0) === 0xc0) {
      if (at + 1 >= end) return undefined
      if (next < 0) next = at + 2
      at = message + (((length & 0x3f) << 8) | bytes[at + 1]!)
      continue
    }
    if ((length & 0xc0) !== 0 || at + 1 + length > end) return undefined
    name += `${name === '' ? '' : '.'}${labelText(bytes, at + 1, length)}`
    if (name.length > LONGEST_NAME * 4) return undefined
    at += 1 + length
  }
  return undefined
}

/** A label, with everything that is not a visible character as `\DDD` (RFC 1035, 5.1). */
function labelText(bytes: Uint8Array, at: number, length: number): string {
  let text = ''
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!
    if (byte === 0x2e || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

function typeName(type: number): string {
  return TYPES[type] ?? `TYPE${type}`
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

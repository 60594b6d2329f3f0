/** Last lines of logs, as far as they are about networks. */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { hasCode } from '../../kernel/index.ts'

/** Lines of a log that are kept. */
const MOST_LINES = 2000
/** Bytes from the end of a file that are looked at. */
const TAIL = 4 * 1024 * 1024
const ABOUT_NETWORKS =
  /docker|containerd|podman|netavark|libnetwork|cni|veth|br-|bridge|vxlan|eth\d|en[ops]\d|netfilter|nf_|iptables|nftables|firewall|conntrack|neigh|arp|martian|link (is|becomes)|IPv[46]|netwright/i

/** Log files that systems without a journal keep, most telling first. */
export const LOG_FILES = ['/var/log/docker.log', '/var/log/syslog', '/var/log/messages', '/var/log/kern.log'] as const

/**
 * The last lines of a log file that are about networks.
 * @throws Error ENOENT, EACCES
 */
export function logLines(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const whole = readEnd(fd)
    return kept(whole.toString('utf8').split('\n'))
  } finally {
    closeSync(fd)
  }
}

function readEnd(fd: number): Buffer {
  const chunk = Buffer.alloc(64 * 1024)
  const chunks: Buffer[] = []
  let length = 0
  for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
    chunks.push(Buffer.from(chunk.subarray(0, read)))
    length += read
    while (length - chunks[0]!.length > TAIL) length -= chunks.shift()!.length
  }
  return Buffer.concat(chunks)
}

/** The kernel's own messages (kernel log, kmsg in the kernel's Documentation/ABI). @throws Error EPERM, ENOENT */
export function kernelLog(): string {
  const fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
  const record = Buffer.alloc(8192)
  const lines: string[] = []
  try {
    for (;;) {
      const length = readRecord(fd, record)
      if (length === 'end') return kept(lines)
      // `6,339,5140900,-;NET: Registered PF_VSOCK`, then indented lines of key and value.
      const [, microseconds, text] = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/.exec(record.toString('utf8', 0, length)) ?? []
      if (text !== undefined) lines.push(`[${(Number(microseconds) / 1e6).toFixed(6)}] ${text}`)
    }
  } finally {
    closeSync(fd)
  }
}

/** Each read gives one record; one that was overwritten meanwhile is EPIPE, and the next is there. */
function readRecord(fd: number, record: Buffer): number | 'end' {
  for (;;) {
    try {
      const length = readSync(fd, record)
      return length === 0 ? 'end' : length
    } catch (error) {
      if (hasCode(error, 'EAGAIN')) return 'end'
      if (!hasCode(error, 'EPIPE')) throw error
    }
  }
}

function kept(lines: readonly string[]): string {
  return lines
    .filter((line) => ABOUT_NETWORKS.test(line))
    .slice(-MOST_LINES)
    .map((line) => `${line.slice(0, 2000)}\n`)
    .join('')
}

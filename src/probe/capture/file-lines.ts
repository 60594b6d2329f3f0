/** The packets of a capture file as lines. */
import { closeSync, openSync, readSync } from 'node:fs'
import { LineDecoder } from './decode/line-decoder.ts'
import { ClockText, isoTime, type PacketDocument } from './line-sink.ts'
import { CaptureFileError, CaptureFileReader, type FilePacket } from './pcapng/read-file.ts'

/** What of a file to tell, and how. */
export interface FileLinesOptions {
  readonly path: string
  readonly json: boolean
  /** Stop after so many packets. */
  readonly count?: number
  readonly signal: AbortSignal
  readonly print: (lines: string) => Promise<void>
}

const PIECE = 1024 * 1024
const OUTGOING = 2
const DIRECTION_BITS = 3

/**
 * Prints a line for each packet of a file.
 * @returns how many there were
 * @throws CaptureFileError when it is none, is damaged or ends within a packet; Error ENOENT, EACCES
 */
export async function printFile({ path, json, count, signal, print }: FileLinesOptions): Promise<number> {
  const reader = new CaptureFileReader()
  const decoder = new LineDecoder()
  const clock = new ClockText()
  const most = count ?? Number.POSITIVE_INFINITY
  let packets = 0
  let lines: string[] = []
  const fd = openSync(path, 'r')
  const piece = Buffer.allocUnsafeSlow(PIECE)
  const visit = (packet: FilePacket): void => {
    if (packets >= most) return
    packets++
    const { bytes, originalLength } = packet
    const summary = decoder.frame(bytes, 0, bytes.length, packet.interface.linkType, originalLength)
    lines.push(json ? documentLine(packet, summary) : textLine(packet, summary, clock))
  }
  try {
    while (packets < most && !signal.aborted) {
      const length = readSync(fd, piece, 0, PIECE, null)
      if (length === 0) break
      reader.push(piece.subarray(0, length), visit)
      await print(lines.join(''))
      lines = []
    }
    if (reader.unread > 0 && packets < most && !signal.aborted)
      throw new CaptureFileError(`${path} ends within a packet`)
    return packets
  } finally {
    closeSync(fd)
  }
}

function textLine(packet: FilePacket, summary: string, clock: ClockText): string {
  const { name } = packet.interface
  const place = name === undefined ? '' : `${escaped(name)} `
  const way = packet.flags & DIRECTION_BITS
  const direction = way === 0 ? '' : way === OUTGOING ? 'out ' : 'in  '
  return `${clock.time(packet.seconds, packet.nanoseconds)} ${place}${direction}${summary}\n`
}

function documentLine(packet: FilePacket, summary: string): string {
  const name = packet.interface.name ?? `#${packet.interfaceNumber}`
  const slash = name.lastIndexOf('/')
  const way = packet.flags & DIRECTION_BITS
  const document: PacketDocument = {
    schema: 'netwright/packet/v1',
    time: isoTime(packet.seconds, packet.nanoseconds),
    namespace: slash < 0 ? '' : name.slice(0, slash),
    interface: name.slice(slash + 1),
    direction: way === 0 ? null : way === OUTGOING ? 'out' : 'in',
    length: packet.originalLength,
    captured: packet.bytes.length,
    offload: { checksum: false, segments: false },
    summary,
  }
  return `${JSON.stringify(document)}\n`
}

/** Names in files are foreign. */
function escaped(name: string): string {
  return /^[\x21-\x7e]{1,80}$/.test(name) ? name : name.replace(/[^\x21-\x7e]/g, '?').slice(0, 80)
}

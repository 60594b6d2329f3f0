/**
 * Capture files, read piece by piece: pcapng (draft-ietf-opsawg-pcapng) and the older pcap (draft-ietf-opsawg-pcap), of either
 * byte order. A file is foreign matter: lengths that lead nowhere end the reading with an error, unknown blocks are passed over.
 */
import { LinkType } from '../link-type.ts'
import { Block, BYTE_ORDER_MAGIC, InterfaceOption, Option, PacketOption, SectionOption } from './block-types.ts'

/** An interface as a file describes it. */
export interface FileInterface {
  readonly linkType: number
  readonly snapLength: number
  readonly name: string | undefined
  readonly description: string | undefined
  /** Time stamps count this many to the second. */
  readonly unitsPerSecond: number
}

/** A packet of a file. `bytes` is a view that is valid until the reader is given more. */
export interface FilePacket {
  readonly bytes: Buffer
  readonly originalLength: number
  readonly seconds: number
  readonly nanoseconds: number
  readonly interface: FileInterface
  readonly interfaceNumber: number
  /** epb_flags; 0 when the file does not tell. */
  readonly flags: number
}

/** What a file says of itself as a whole. */
export interface FileSection {
  readonly application: string | undefined
  readonly comment: string | undefined
}

/** This is no capture file, or it is damaged. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError'
  readonly code = 'EINVAL'
}

/** No block or packet is larger; a length beyond is damage. */
const LARGEST_BLOCK = 16 * 1024 * 1024
const MOST_INTERFACES = 65_536
const PCAP_MICROSECONDS = 0xa1b2c3d4
const PCAP_NANOSECONDS = 0xa1b23c4d
const PCAP_HEADER = 24
const PCAP_RECORD = 16

/** Takes the bytes of a file as they come, and gives its packets. */
export class CaptureFileReader {
  /** What the section says that was begun last. */
  section: FileSection = { application: undefined, comment: undefined }
  #rest: Buffer = Buffer.alloc(0)
  #little = true
  #format: 'unknown' | 'pcapng' | 'pcap' = 'unknown'
  #interfaces: FileInterface[] = []

  /** Interfaces that the section has described so far. */
  get interfaces(): readonly FileInterface[] {
    return this.#interfaces
  }

  /** Bytes that were given and make no whole block yet: at the end of a file, it was cut short. */
  get unread(): number {
    return this.#rest.length
  }

  /**
   * Calls `visit` with the packets that are complete with these bytes.
   * @throws CaptureFileError when this is no capture file, or a damaged one
   */
  push(bytes: Buffer, visit: (packet: FilePacket) => void): void {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (this.#format === 'unknown') {
      if (all.length < PCAP_HEADER) {
        this.#rest = Buffer.from(all)
        return
      }
      all = this.#begin(all)
    }
    const used = this.#format === 'pcapng' ? this.#readBlocks(all, visit) : this.#readRecords(all, visit)
    this.#rest = Buffer.from(all.subarray(used))
  }

  /** Finds out what kind of file it is. @returns the bytes behind its head */
  #begin(bytes: Buffer): Buffer {
    if (bytes.readUInt32BE(0) === Block.sectionHeader) {
      this.#format = 'pcapng'
      return bytes
    }
    for (const little of [true, false]) {
      this.#little = little
      const magic = this.#u32(bytes, 0)
      if (magic !== PCAP_MICROSECONDS && magic !== PCAP_NANOSECONDS) continue
      this.#format = 'pcap'
      this.#interfaces = [
        {
          // The upper bits tell of checksums at frames' ends.
          linkType: linkTypeOfPcap(this.#u32(bytes, 20) & 0x03ffffff),
          snapLength: this.#u32(bytes, 16),
          name: undefined,
          description: undefined,
          unitsPerSecond: magic === PCAP_NANOSECONDS ? 1e9 : 1e6,
        },
      ]
      return bytes.subarray(PCAP_HEADER)
    }
    throw new CaptureFileError('this is no capture file: it begins neither as pcapng nor as pcap')
  }

  #readRecords(bytes: Buffer, visit: (packet: FilePacket) => void): number {
    const [it] = this.#interfaces
    let at = 0
    while (at + PCAP_RECORD <= bytes.length) {
      const length = this.#u32(bytes, at + 8)
      if (length > LARGEST_BLOCK) throw damaged(`a packet of ${length} bytes`)
      const end = at + PCAP_RECORD + length
      if (end > bytes.length) break
      visit({
        bytes: bytes.subarray(at + PCAP_RECORD, end),
        originalLength: this.#u32(bytes, at + 12),
        seconds: this.#u32(bytes, at),
        nanoseconds: this.#u32(bytes, at + 4) * (1e9 / it!.unitsPerSecond),
        interface: it!,
        interfaceNumber: 0,
        flags: 0,
      })
      at = end
    }
    return at
  }

  #readBlocks(bytes: Buffer, visit: (packet: FilePacket) => void): number {
    let at = 0
    while (at + 12 <= bytes.length) {
      const type = this.#u32(bytes, at)
      if (type === Block.sectionHeader) this.#readByteOrder(bytes, at)
      const length = this.#u32(bytes, at + 4)
      if (length < 12 || length % 4 !== 0 || length > LARGEST_BLOCK) throw damaged(`a block of ${length} bytes`)
      if (at + length > bytes.length) break
      this.#readBlock(type, bytes.subarray(at + 8, at + length - 4), visit)
      at += length
    }
    return at
  }

  #readByteOrder(bytes: Buffer, at: number): void {
    this.#little = bytes.readUInt32LE(at + 8) === BYTE_ORDER_MAGIC
    if (!this.#little && bytes.readUInt32BE(at + 8) !== BYTE_ORDER_MAGIC) throw damaged('a section without byte order')
  }

  #readBlock(type: number, body: Buffer, visit: (packet: FilePacket) => void): void {
    if (type === Block.sectionHeader) this.#readSection(body)
    else if (type === Block.interface) this.#readInterface(body)
    else if (type === Block.enhancedPacket) this.#readPacket(body, visit)
    else if (type === Block.simplePacket) this.#readSimplePacket(body, visit)
  }

  #readSection(body: Buffer): void {
    if (body.length < 16) throw damaged('a section header that is cut short')
    this.#interfaces = []
    const options = this.#options(body, 16)
    this.section = {
      application: options.get(SectionOption.application)?.toString(),
      comment: options.get(Option.comment)?.toString(),
    }
  }

  #readInterface(body: Buffer): void {
    if (body.length < 8) throw damaged('an interface description that is cut short')
    if (this.#interfaces.length === MOST_INTERFACES) throw damaged('more interfaces than any host has')
    const options = this.#options(body, 8)
    this.#interfaces.push({
      linkType: this.#u16(body, 0),
      snapLength: this.#u32(body, 4),
      name: options.get(InterfaceOption.name)?.toString(),
      description: options.get(InterfaceOption.description)?.toString(),
      unitsPerSecond: unitsPerSecond(options.get(InterfaceOption.timeResolution)?.[0]),
    })
  }

  #readPacket(body: Buffer, visit: (packet: FilePacket) => void): void {
    if (body.length < 20) throw damaged('a packet that is cut short')
    const interfaceNumber = this.#u32(body, 0)
    const it = this.#interfaces[interfaceNumber]
    const length = this.#u32(body, 12)
    if (it === undefined || 20 + length > body.length)
      throw damaged('a packet of no interface, or longer than its block')
    const units = it.unitsPerSecond
    const high = this.#u32(body, 4)
    const low = this.#u32(body, 8)
    // high · 2³² + low is beyond what a number holds exactly; its remainder by the units is not.
    const seconds = Math.floor((high * 0x1_0000_0000 + low) / units)
    const remainder = Number((BigInt(high) << 32n) + BigInt(low) - BigInt(seconds) * BigInt(units))
    visit({
      bytes: body.subarray(20, 20 + length),
      originalLength: this.#u32(body, 16),
      seconds: remainder < 0 ? seconds - 1 : seconds,
      nanoseconds: Math.floor(((remainder < 0 ? remainder + units : remainder) * 1e9) / units),
      interface: it,
      interfaceNumber,
      flags: this.#flags(body, 20 + ((length + 3) & ~3)),
    })
  }

  #readSimplePacket(body: Buffer, visit: (packet: FilePacket) => void): void {
    const [it] = this.#interfaces
    if (it === undefined || body.length < 4) throw damaged('a packet of no interface')
    const originalLength = this.#u32(body, 0)
    const length = Math.min(originalLength, it.snapLength === 0 ? originalLength : it.snapLength, body.length - 4)
    const bytes = body.subarray(4, 4 + length)
    visit({ bytes, originalLength, seconds: 0, nanoseconds: 0, interface: it, interfaceNumber: 0, flags: 0 })
  }

  /** The flags of a packet, without a table of its options: they come first in nearly every file. */
  #flags(body: Buffer, from: number): number {
    let at = from
    while (at + 8 <= body.length) {
      const code = this.#u16(body, at)
      if (code === Option.end) return 0
      if (code === PacketOption.flags) return this.#u32(body, at + 4)
      at += 4 + ((this.#u16(body, at + 2) + 3) & ~3)
    }
    return 0
  }

  #options(body: Buffer, from: number): Map<number, Buffer> {
    const options = new Map<number, Buffer>()
    let at = from
    while (at + 4 <= body.length) {
      const code = this.#u16(body, at)
      const length = this.#u16(body, at + 2)
      if (code === Option.end || at + 4 + length > body.length) break
      if (!options.has(code)) options.set(code, Buffer.from(body.subarray(at + 4, at + 4 + length)))
      at += 4 + ((length + 3) & ~3)
    }
    return options
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  }
}

/** if_tsresol: a power of ten, or of two when its highest bit is set; microseconds when it is left out. */
function unitsPerSecond(resolution: number | undefined): number {
  if (resolution === undefined) return 1e6
  const exponent = resolution & 0x7f
  if ((resolution & 0x80) !== 0) return 2 ** Math.min(exponent, 40)
  return 10 ** Math.min(exponent, 12)
}

/** pcap files of some systems have libpcap's own numbers for packets without a link-layer header. */
function linkTypeOfPcap(number: number): number {
  return number === 12 || number === 14 ? LinkType.rawIp : number
}

function damaged(what: string): CaptureFileError {
  return new CaptureFileError(`the capture file is damaged: it has ${what}`)
}

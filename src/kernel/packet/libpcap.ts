/**
 * tcpdump's filter language (pcap-filter(7)) as programs of classic BPF, compiled by libpcap. The library is a package of
 * its own (Debian: libpcap0.8) and is loaded on first use: captures without a filter work without it.
 */
import koffi from 'koffi'
import { address } from '../libc.ts'
import { readU32, readU64 } from '../netlink/byte-order.ts'
import { assembleFilter, Bpf } from './assemble.ts'

/** The functions of libpcap that Netwright calls (pcap(3pcap)). */
interface PcapLibrary {
  openDead(linkType: number, snapLength: number): unknown
  close(handle: unknown): void
  compile(handle: unknown, program: Uint8Array, expression: string, optimise: number, netmask: number): number
  freeCode(program: Uint8Array): void
  error(handle: unknown): string
  /** bpf_filter(3pcap's pcap-bpf.h) */
  matches(instructions: Uint8Array, packet: Uint8Array, wireLength: number, length: number): number
}

/** libpcap is not installed, or not one that we can use. */
export class PcapMissingError extends Error {
  override readonly name = 'PcapMissingError'
  readonly code = 'ENOENT'

  constructor(cause: unknown) {
    super('packet filters need libpcap.so.0.8: install it (Debian, Ubuntu: package libpcap0.8)', { cause })
  }
}

/** A filter expression that libpcap does not understand. */
export class FilterExpressionError extends Error {
  override readonly name = 'FilterExpressionError'
  readonly expression: string

  constructor(expression: string, reason: string) {
    super(`the filter ${JSON.stringify(expression)} cannot be understood: ${reason}`)
    this.expression = expression
  }
}

/** Link types as libpcap numbers them (pcap-linktype(7)). */
export const FilterLink = { ethernet: 1, rawIp: 12 } as const
/** Kind of link that a filter is compiled for. */
export type FilterLink = (typeof FilterLink)[keyof typeof FilterLink]

const NETMASK_UNKNOWN = 0xffffffff
const INSTRUCTION = 8
const MAXIMUM_SNAP_LENGTH = 262_144
const LONGEST_EXPRESSION = 16_384
/** SKF_AD_OFF + SKF_AD_HATYPE: the kind of the interface (linux/filter.h). */
const BPF_HARDWARE_TYPE = 0xfffff000 + 28
const ARPHRD_ETHER = 1
const ARPHRD_LOOPBACK = 772

let library: PcapLibrary | undefined

function pcap(): PcapLibrary {
  library ??= load()
  return library
}

function load(): PcapLibrary {
  try {
    const native = koffi.load('libpcap.so.0.8')
    return {
      openDead: native.func('void *pcap_open_dead(int linkType, int snapLength)'),
      close: native.func('void pcap_close(void *handle)'),
      compile: native.func(
        'int pcap_compile(void *handle, void *program, const char *expression, int optimise, uint32_t netmask)',
      ),
      freeCode: native.func('void pcap_freecode(void *program)'),
      error: native.func('const char *pcap_geterr(void *handle)'),
      matches: native.func(
        'uint32_t bpf_filter(const void *instructions, const void *packet, uint32_t wireLength, uint32_t length)',
      ),
    }
  } catch (error) {
    throw new PcapMissingError(error)
  }
}

/**
 * Compiles an expression for one kind of link.
 * @throws PcapMissingError, FilterExpressionError
 */
export function compileFilter(expression: string, link: FilterLink): Buffer {
  if (expression.length > LONGEST_EXPRESSION || expression.includes('\0')) {
    throw new FilterExpressionError(expression.slice(0, 80), 'it is too long, or holds a NUL character')
  }
  const functions = pcap()
  const handle = functions.openDead(link, MAXIMUM_SNAP_LENGTH)
  // struct bpf_program: a count, and a pointer after four bytes of padding.
  const program = Buffer.alloc(16)
  try {
    if (functions.compile(handle, program, expression, 1, NETMASK_UNKNOWN) !== 0) {
      throw new FilterExpressionError(expression, functions.error(handle))
    }
    const length = readU32(program, 0) * INSTRUCTION
    const copy = Buffer.from(new Uint8Array(koffi.view(readU64(program, 8), length)))
    functions.freeCode(program)
    return copy
  } finally {
    functions.close(handle)
  }
}

/**
 * Compiles an expression for all interfaces of a namespace at once: the program asks what kind of link a packet came by.
 * An expression that says nothing on links without Ethernet headers (`ether host …`) lets nothing of those pass.
 * @throws PcapMissingError, FilterExpressionError
 */
export function compileFilterForAnyLink(expression: string): Buffer {
  const ethernet = compileFilter(expression, FilterLink.ethernet)
  const raw = compileRaw(expression)
  const choose = assembleFilter([
    { code: Bpf.loadWord, constant: BPF_HARDWARE_TYPE },
    { code: Bpf.jumpEqual, constant: ARPHRD_ETHER, otherwise: 1 },
    { code: Bpf.jump, constant: 3 },
    { code: Bpf.jumpEqual, constant: ARPHRD_LOOPBACK, otherwise: 1 },
    { code: Bpf.jump, constant: 1 },
    { code: Bpf.jump, constant: ethernet.length / INSTRUCTION },
  ])
  return Buffer.concat([choose, ethernet, raw])
}

function compileRaw(expression: string): Buffer {
  try {
    return compileFilter(expression, FilterLink.rawIp)
  } catch (error) {
    if (error instanceof FilterExpressionError) return assembleFilter([{ code: Bpf.accept, constant: 0 }])
    throw error
  }
}

/**
 * Runs a compiled program over a packet here instead of in the kernel: for what the kernel's packets lack, as VLAN tags.
 * @param program as `compileFilter` made it
 */
export function packetMatches(program: Buffer, packet: Uint8Array, wireLength: number): boolean {
  return pcap().matches(program, packet, wireLength, packet.length) !== 0
}

/** The address of a Buffer's first byte, for `GatherWriter`. */
export function memoryAddress(bytes: Uint8Array): number {
  return Number(address(bytes))
}

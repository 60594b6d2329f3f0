/** Writing classic BPF by hand (Documentation/networking/filter.rst): for filters that tcpdump's language cannot express. */
import { writeU16, writeU32 } from '../netlink/byte-order.ts'

const INSTRUCTION = 8

/** An instruction: its code, how many instructions to skip when its test holds and when not, its constant. */
export interface BpfInstruction {
  readonly code: number
  readonly then?: number
  readonly otherwise?: number
  readonly constant: number
}

/** Codes of instructions, as linux/bpf_common.h composes them. Loads beyond the packet's end drop it. */
export const Bpf = {
  /** A = the 32, 16 or 8 bits at the constant, in network order. */
  loadWord: 0x20,
  loadHalf: 0x28,
  loadByte: 0x30,
  /** The same at X + the constant. */
  loadHalfFromIndex: 0x48,
  loadByteFromIndex: 0x50,
  /** X = the length of the IPv4 header at the constant. */
  loadHeaderLength: 0xb1,
  and: 0x54,
  jumpEqual: 0x15,
  jumpGreaterOrEqual: 0x35,
  jump: 0x05,
  /** Keep this many bytes of the packet; 0 drops it. */
  accept: 0x06,
} as const

/** Loads from here on are of the packet's circumstances; this one is of its EtherType (linux/filter.h, SKF_AD_PROTOCOL). */
export const BPF_PROTOCOL = 0xfffff000

/** A program as the kernel takes it: in host byte order. */
export function assembleFilter(instructions: readonly BpfInstruction[]): Buffer {
  const program = Buffer.alloc(instructions.length * INSTRUCTION)
  instructions.forEach(({ code, then = 0, otherwise = 0, constant }, i) => {
    const at = i * INSTRUCTION
    writeU16(program, code, at)
    program[at + 2] = then
    program[at + 3] = otherwise
    writeU32(program, constant, at + 4)
  })
  return program
}

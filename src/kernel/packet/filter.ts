/**
 * Classic BPF programs: what decides within the kernel which packets reach the ring, and how much of each
 * (Documentation/networking/filter.rst). An instruction is eight bytes: a code, two jump distances, a constant.
 */
import { SOL_SOCKET } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU16, readU32, writeU16, writeU32, writeU64 } from '../netlink/byte-order.ts'

const SO_ATTACH_FILTER = 26
const INSTRUCTION = 8
/** BPF_RET | BPF_K: keep as many bytes of the packet as the constant says; none drops it. */
const RETURN_CONSTANT = 0x06
/** BPF_MAXINSNS */
const MAXIMUM_INSTRUCTIONS = 4096

/**
 * The program with every `return n` limited to `snapLength` bytes; without a program, one that keeps that much of everything.
 * @throws RangeError when the bytes are not whole instructions, or more than the kernel takes
 */
export function limitLength(program: Buffer | undefined, snapLength: number): Buffer {
  if (program === undefined) return returnConstant(snapLength)
  const count = program.length / INSTRUCTION
  if (!Number.isInteger(count) || count < 1 || count > MAXIMUM_INSTRUCTIONS) {
    throw new RangeError(
      `a packet filter is 1 to ${MAXIMUM_INSTRUCTIONS} instructions of 8 bytes, not ${program.length} bytes`,
    )
  }
  const limited = Buffer.from(program)
  for (let at = 0; at < limited.length; at += INSTRUCTION) {
    if (readU16(limited, at) !== RETURN_CONSTANT) continue
    writeU32(limited, Math.min(readU32(limited, at + 4), snapLength), at + 4)
  }
  return limited
}

/** A program that keeps `value` bytes of every packet; 0 drops it. */
export function returnConstant(value: number): Buffer {
  const instruction = Buffer.alloc(INSTRUCTION)
  writeU16(instruction, RETURN_CONSTANT, 0)
  writeU32(instruction, value, 4)
  return instruction
}

/** Puts a program on a socket. @throws KernelError EINVAL when the kernel's check refuses it */
export function attachFilter(fd: number, program: Buffer): void {
  // struct sock_fprog: a count, and on 64-bit machines a pointer after six bytes of padding.
  const descriptor = Buffer.alloc(16)
  writeU16(descriptor, program.length / INSTRUCTION, 0)
  writeU64(descriptor, libc.address(program), 8)
  check(libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, descriptor, descriptor.length), 'attach packet filter')
}

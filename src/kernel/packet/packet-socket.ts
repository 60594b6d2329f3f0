/** AF_PACKET sockets (packet(7)): whole frames of an interface, on their way in and out. */
import { AF_PACKET, SOCK_CLOEXEC, SOCK_RAW, SOL_SOCKET } from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, writeS32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'

/** SOL_PACKET (linux/socket.h) */
export const SOL_PACKET = 263
/** All protocols, in both directions. */
export const ETH_P_ALL = 0x0003
/** Takes in nothing: for sockets that only send. */
export const NO_PROTOCOL = 0

const SO_ERROR = 4
const SIOCGIFINDEX = 0x8933
const NAME_LENGTH = 16
const ENODEV = 19

/**
 * Opens a packet socket in `namespace`. It receives nothing before it is bound: a socket opened with a protocol would take in
 * packets of all interfaces until it is.
 * Closing one waits for a grace period of the kernel (synchronize_net), some 7 ms: keep it rather than open another.
 */
export function openPacketSocket(namespace: NamespaceHandle): number {
  return enter(namespace, () => check(libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), 'open packet socket'))
}

/** Binds to an interface by index, 0 for all, and to a protocol. It may be down. @throws KernelError ENODEV */
export function bindPacketSocket(fd: number, index: number, protocol: number): void {
  const address = Buffer.alloc(20)
  writeU16(address, AF_PACKET, 0)
  address.writeUInt16BE(protocol, 2)
  writeS32(address, index, 4)
  check(libc.bindSocket(fd, address, address.length), 'bind packet socket', `interface ${index}`)
}

/** The index of an interface, given by name or index, in the namespace that the socket lives in. @throws KernelError ENODEV */
export function interfaceIndex(fd: number, nameOrIndex: string | number): number {
  if (typeof nameOrIndex === 'number') return nameOrIndex
  const request = Buffer.alloc(40)
  // A longer name would be cut, and name another interface.
  if (Buffer.byteLength(nameOrIndex) >= NAME_LENGTH || nameOrIndex.includes('\0')) {
    throw new KernelError({ operation: 'find interface', errno: ENODEV, subject: JSON.stringify(nameOrIndex) })
  }
  request.write(nameOrIndex)
  check(libc.ioctl(fd, SIOCGIFINDEX, request), 'find interface', nameOrIndex)
  return readU32(request, NAME_LENGTH)
}

/**
 * Takes the error that a socket holds (ENETDOWN, when its interface went down) so that it reports readiness again. The
 * capture itself goes on when the interface comes up.
 */
export function takeError(fd: number): void {
  const error = Buffer.alloc(4)
  const length = Buffer.alloc(4)
  writeU32(length, error.length, 0)
  check(libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, error, length), 'read socket error')
}

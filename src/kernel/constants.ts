/**
 * Numbers of the C library's headers that more than one file needs. Those that differ between architectures (arm64 has other
 * numbers for O_DIRECTORY and O_NOFOLLOW) come from Node, which was compiled with the headers.
 */
import { constants } from 'node:fs'

/** Address families (sys/socket.h). */
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17

/** Types and flags of sockets (sys/socket.h). */
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
/** Level of options of any socket. */
export const SOL_SOCKET = 1
/** Tell the real length of a datagram that was cut short. */
export const MSG_TRUNC = 0x20

/** Never wait, whatever the socket's own mode. */
export const MSG_DONTWAIT = 0x40

/** Flags of open(2). */
export const { O_RDONLY, O_CREAT, O_NONBLOCK, O_NOCTTY, O_DIRECTORY, O_NOFOLLOW } = constants
export const O_CLOEXEC = 0o2000000
export const O_PATH = 0o10000000

/** Directories and flags of the *at calls (fcntl.h). */
export const AT_FDCWD = -100
export const AT_EMPTY_PATH = 0x1000
/** What statx(2) is to fill in. */
export const STATX_TYPE = 0x1
export const STATX_INO = 0x100
/** fcntl(2): flags of a descriptor. */
export const F_SETFD = 2

/** Network namespaces, for setns(2) and unshare(2) (sched.h). */
export const CLONE_NEWNET = 0x40000000

/** Error numbers (errno.h). */
export const EPERM = 1
export const ENOENT = 2
export const EINTR = 4
export const EAGAIN = 11
export const EACCES = 13
export const EINVAL = 22

/**
 * Every function of the C library that Netwright calls, declared once.
 *
 * A wrong signature corrupts memory, so they all stand here, where they can be reviewed together, each with the manual page
 * it was read from. Pointers to structures are passed as Buffers that our own code lays out: that is seven times faster than
 * letting koffi marshal structures, and makes the layout ours to test.
 *
 * Nothing outside `kernel/` imports this file. Functions return what C returns (−1 on failure); `check` in `errors.ts` turns a
 * failure into a typed error.
 */
import koffi from 'koffi'

/** A C function, bound on its first call: binding all of them costs a command two milliseconds that it rarely needs. */
type Native = (...args: never[]) => unknown

let library: ReturnType<typeof koffi.load> | undefined

function bind<F extends Native>(prototype: string): F {
  let bound: F | undefined
  const call = (...args: Parameters<F>): ReturnType<F> => {
    if (bound === undefined) {
      library ??= koffi.load('libc.so.6')
      bound = library.func(prototype) as unknown as F
    }
    return bound(...args) as ReturnType<F>
  }
  return call as unknown as F
}

/** `errno` as the last C call on this thread left it. */
export function errno(): number {
  return koffi.errno()
}

/** The address of a Buffer's first byte, for structures that point at other memory. The Buffer must outlive the call. */
export function address(buffer: Uint8Array): bigint {
  return koffi.address(buffer)
}

/** Memory at `pointer` (as `mmap` returned it) seen as an ArrayBuffer without copying. Never touch it after `munmap`. */
export function memory(pointer: unknown, length: number): ArrayBuffer {
  return koffi.view(pointer, length)
}

/** A descriptor on Node's event loop. Close it before the descriptor itself (libuv's rule for uv_poll_t). */
export interface Watch {
  close(): void
  ref(): void
  unref(): void
}

/**
 * Calls `ready` on the event loop whenever `fd` is readable or has an error (level-triggered: drain it until EAGAIN, which
 * also takes a socket's error).
 * koffi swallows what its callback throws, so an exception is rethrown from a microtask, where Node reports it. libuv stops
 * watching a descriptor that reports an error (EPOLLERR), as a netlink socket does when it overruns and a packet socket when
 * its interface goes down; both live on, so watching is resumed.
 */
export function watchReadable(fd: number, ready: () => void): Watch {
  return watch(fd, { readable: true }, ready)
}

/** Calls `ready` whenever `fd` can be written, or has an error: a connection that was begun is made, or failed (connect(2)). */
export function watchWritable(fd: number, ready: () => void): Watch {
  return watch(fd, { writable: true }, ready)
}

function watch(fd: number, events: { readable?: true; writable?: true }, ready: () => void): Watch {
  let open = true
  // koffi passes libuv's status before the events, unlike its type declaration says.
  const onPoll = (status: unknown): void => {
    try {
      ready()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
    if (open && typeof status === 'number' && status < 0) handle.start(events, onPoll)
  }
  const handle = koffi.node.poll(fd, events, onPoll)
  return {
    // Using koffi's handle after it was closed ends the process.
    close() {
      if (open) handle.close()
      open = false
    },
    ref() {
      if (open) handle.ref()
    },
    unref() {
      if (open) handle.unref()
    },
  }
}

/** socket(2) */
export const socket = bind<(domain: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
)
/** bind(2); `address` is a laid-out sockaddr. */
export const bindSocket = bind<(fd: number, address: Uint8Array, length: number) => number>(
  'int bind(int fd, const void *address, uint32_t length)',
)
/** connect(2) */
export const connect = bind<(fd: number, address: Uint8Array, length: number) => number>(
  'int connect(int fd, const void *address, uint32_t length)',
)
/** listen(2) */
export const listen = bind<(fd: number, backlog: number) => number>('int listen(int fd, int backlog)')
/** getsockname(2); `length` is a 4-byte in/out Buffer. */
export const getsockname = bind<(fd: number, address: Uint8Array, length: Uint8Array) => number>(
  'int getsockname(int fd, void *address, void *length)',
)
/** setsockopt(2) */
export const setsockopt = bind<
  (fd: number, level: number, option: number, value: Uint8Array, length: number) => number
>('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)')
/** getsockopt(2); `length` is a 4-byte in/out Buffer. */
export const getsockopt = bind<
  (fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array) => number
>('int getsockopt(int fd, int level, int option, void *value, void *length)')
/** send(2) */
export const send = bind<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'long send(int fd, const void *bytes, size_t length, int flags)',
)
/** sendto(2) */
export const sendto = bind<
  (fd: number, bytes: Uint8Array, length: number, flags: number, address: Uint8Array, addressLength: number) => number
>('long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)')
/** recv(2) */
export const recv = bind<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'long recv(int fd, void *bytes, size_t length, int flags)',
)
/** recvmsg(2); `message` is a laid-out msghdr. */
export const recvmsg = bind<(fd: number, message: Uint8Array, flags: number) => number>(
  'long recvmsg(int fd, void *message, int flags)',
)
/** sendmsg(2); `message` is a laid-out msghdr. */
export const sendmsg = bind<(fd: number, message: Uint8Array, flags: number) => number>(
  'long sendmsg(int fd, const void *message, int flags)',
)

/** recvmmsg(2); `headers` are laid-out mmsghdr. */
export const recvmmsg = bind<(fd: number, headers: Uint8Array, count: number, flags: number, timeout: null) => number>(
  'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *timeout)',
)
/** sendmmsg(2); `headers` are laid-out mmsghdr. */
export const sendmmsg = bind<(fd: number, headers: Uint8Array, count: number, flags: number) => number>(
  'int sendmmsg(int fd, void *headers, unsigned int count, int flags)',
)

/** open(2) */
export const open = bind<(path: string, flags: number, mode: number) => number>(
  'int open(const char *path, int flags, unsigned int mode)',
)
/** openat2(2), which glibc 2.36 has no wrapper for: `number` is SYS_openat2, `how` a laid-out open_how. */
export const openat2 = bind<(number: number, directory: number, path: string, how: Uint8Array, size: number) => number>(
  'long syscall(long number, int directory, const char *path, const void *how, size_t size)',
)
/** flock(2) */
export const flock = bind<(fd: number, operation: number) => number>('int flock(int fd, int operation)')
/** close(2) */
export const close = bind<(fd: number) => number>('int close(int fd)')
/** close(2) on a thread of libuv's pool, for descriptors that the kernel takes its time to let go of. Never fails. */
export function closeAside(fd: number): Promise<void> {
  library ??= koffi.load('libc.so.6')
  const function_ = library.func('int close(int fd)')
  return new Promise((resolve) => function_.async(fd, () => resolve()))
}
/** read(2) */
export const read = bind<(fd: number, bytes: Uint8Array, length: number) => number>(
  'long read(int fd, void *bytes, size_t length)',
)
/** write(2) */
export const write = bind<(fd: number, bytes: Uint8Array, length: number) => number>(
  'long write(int fd, const void *bytes, size_t length)',
)
/** A C function called on a thread of libuv's pool, for calls that wait; what it returns is all that is known of a failure. */
function bindAside<A extends unknown[]>(prototype: string): (...args: A) => Promise<number> {
  let bound: ReturnType<ReturnType<typeof koffi.load>['func']> | undefined
  return (...args) => {
    if (bound === undefined) {
      library ??= koffi.load('libc.so.6')
      bound = library.func(prototype)
    }
    const function_ = bound
    return new Promise((resolve, reject) => {
      function_.async(...args, (error: unknown, result: number) => (error == null ? resolve(result) : reject(error)))
    })
  }
}

/** accept4(2), without asking for the peer's address. */
export const accept4 = bind<(fd: number, address: null, length: null, flags: number) => number>(
  'int accept4(int fd, void *address, void *length, int flags)',
)
/** shutdown(2) */
export const shutdown = bind<(fd: number, how: number) => number>('int shutdown(int fd, int how)')
/** memfd_create(2) */
export const memfdCreate = bind<(name: string, flags: number) => number>(
  'int memfd_create(const char *name, unsigned int flags)',
)
/** sendfile(2) aside; `offset` is an 8-byte in/out Buffer. */
export const sendfileAside = bindAside<[out: number, from: number, offset: Uint8Array, count: number]>(
  'long sendfile(int out, int from, void *offset, size_t count)',
)
/** recv(2) aside; with MSG_TRUNC a TCP socket throws bytes away without a place to put them. */
export const recvAside = bindAside<[fd: number, bytes: Uint8Array | null, length: number, flags: number]>(
  'long recv(int fd, void *bytes, size_t length, int flags)',
)
/** recvmmsg(2) aside; `headers` are laid-out mmsghdr. */
export const recvmmsgAside = bindAside<[fd: number, headers: Uint8Array, count: number, flags: number, timeout: null]>(
  'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *timeout)',
)
/** sendmmsg(2) aside; `headers` are laid-out mmsghdr. */
export const sendmmsgAside = bindAside<[fd: number, headers: Uint8Array, count: number, flags: number]>(
  'int sendmmsg(int fd, void *headers, unsigned int count, int flags)',
)
/** writev(2); `vectors` are laid-out iovecs. */
export const writev = bind<(fd: number, vectors: Uint8Array, count: number) => number>(
  'long writev(int fd, const void *vectors, int count)',
)
/** poll(2); `entries` are laid-out pollfds. */
export const poll = bind<(entries: Uint8Array, count: number, milliseconds: number) => number>(
  'int poll(void *entries, unsigned long count, int milliseconds)',
)
/** readlink(2); not NUL-terminated. */
export const readlink = bind<(path: string, bytes: Uint8Array, length: number) => number>(
  'long readlink(const char *path, void *bytes, size_t length)',
)
/** readlinkat(2); not NUL-terminated. */
export const readlinkat = bind<(directory: number, path: string, bytes: Uint8Array, length: number) => number>(
  'long readlinkat(int directory, const char *path, void *bytes, size_t length)',
)
/** getdents64(2): fills `entries` with laid-out linux_dirent64; 0 at the end of the directory. */
export const getdents64 = bind<(directory: number, entries: Uint8Array, length: number) => number>(
  'long getdents64(int directory, void *entries, size_t length)',
)
/** statx(2); `result` is a 256-byte Buffer whose layout is the same on every architecture. */
export const statx = bind<(directory: number, path: string, flags: number, mask: number, result: Uint8Array) => number>(
  'int statx(int directory, const char *path, int flags, unsigned int mask, void *result)',
)
/** fcntl(2) with an integer argument. */
export const fcntl = bind<(fd: number, command: number, argument: number) => number>(
  'int fcntl(int fd, int command, long argument)',
)
/** ioctl(2) with a pointer argument. */
export const ioctl = bind<(fd: number, request: number, argument: Uint8Array | null) => number>(
  'int ioctl(int fd, unsigned long request, void *argument)',
)
/** mmap(2); returns koffi's pointer, to be given to `memory`. */
export const mmap = bind<
  (hint: null, length: number, protection: number, flags: number, fd: number, offset: number) => unknown
>('void *mmap(void *hint, size_t length, int protection, int flags, int fd, long offset)')
/** munmap(2) */
export const munmap = bind<(pointer: unknown, length: number) => number>('int munmap(void *pointer, size_t length)')

/** clock_gettime(2); `time` is a laid-out timespec of 16 bytes. */
export const clockGettime = bind<(clock: number, time: Uint8Array) => number>(
  'int clock_gettime(int clock, void *time)',
)

/** setns(2): moves the calling thread. Only `netns/enter.ts` may call it. */
export const setns = bind<(fd: number, type: number) => number>('int setns(int fd, int type)')
/** unshare(2): of the calling thread. */
export const unshare = bind<(flags: number) => number>('int unshare(int flags)')
/** mount(2) */
export const mount = bind<
  (source: string | null, target: string, type: string | null, flags: number, options: string | null) => number
>('int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *options)')
/** umount2(2) */
export const umount2 = bind<(target: string, flags: number) => number>('int umount2(const char *target, int flags)')
/** execvpe(3): never returns when it succeeds. Both arrays end in null. */
export const execvpe = bind<(file: string, argv: (string | null)[], envp: (string | null)[]) => number>(
  'int execvpe(const char *file, const char **argv, const char **envp)',
)
/** signal(2), with 0 for SIG_DFL and 1 for SIG_IGN. */
export const signal = bind<(number: number, disposition: number) => unknown>(
  'void *signal(int number, intptr_t disposition)',
)
/** name_to_handle_at(2); `handle` is a laid-out file_handle, `mountId` 4 bytes. */
export const nameToHandleAt = bind<
  (directory: number, path: string, handle: Uint8Array, mountId: Uint8Array, flags: number) => number
>('int name_to_handle_at(int directory, const char *path, void *handle, void *mountId, int flags)')
/** open_by_handle_at(2); `handle` is a laid-out file_handle. */
export const openByHandleAt = bind<(mount: number, handle: Uint8Array, flags: number) => number>(
  'int open_by_handle_at(int mount, void *handle, int flags)',
)
/** syscall(2) with up to three integer arguments, for calls that glibc 2.36 has no wrapper for. */
export const syscall = bind<(number: number, a: number, b: number, c: number) => number>(
  'long syscall(long number, long a, long b, long c)',
)
/** listns(2), Linux 6.19: `request` is a laid-out ns_id_req, `ids` receives 64-bit namespace ids. */
export const listns = bind<
  (number: number, request: Uint8Array, ids: Uint8Array, count: number, flags: number) => number
>('long syscall(long number, void *request, void *ids, size_t count, unsigned int flags)')

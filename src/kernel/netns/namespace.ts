/** An open network namespace: a descriptor that keeps it alive, and what it is. */
import { EINVAL, O_CLOEXEC, O_RDONLY } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { createNamespace as createDescriptor, enter, type NamespaceHandle } from './enter.ts'
import { identityOf, isNetworkNamespace, type NamespaceIdentity } from './identity.ts'

/** How a namespace can be opened. */
export type NamespaceSource =
  | { readonly path: string }
  | { readonly pid: number }
  | { readonly pid: number; readonly tid: number }
  | { readonly name: string }
  | { readonly fd: number }
  | 'own'

const F_DUPFD_CLOEXEC = 1030

/** Directory whose entries are the names that `ip netns` knows (ip-netns(8)). */
export const NAMED_NAMESPACES = '/run/netns'

/** Path that leads to the network namespace of process `pid` as long as that process runs and stays in it. */
export function namespacePathOfProcess(pid: number): string {
  return `/proc/${pid}/ns/net`
}

/** An open network namespace. It lives as long as this is open; close it. */
export class Namespace implements NamespaceHandle {
  readonly fd: number
  readonly label: string
  readonly identity: NamespaceIdentity
  #open = true

  private constructor(fd: number, label: string) {
    this.fd = fd
    this.label = label
    this.identity = identityOf(fd)
  }

  /**
   * Opens a namespace.
   * @throws KernelError ENOENT when the path, process or name does not exist, EACCES without permission,
   *   EINVAL when it is something else than a network namespace
   */
  static open(source: NamespaceSource): Namespace {
    const { fd, label } = openSource(source)
    if (!isNetworkNamespace(fd)) {
      libc.close(fd)
      throw new KernelError({ operation: 'open network namespace', errno: EINVAL, subject: label })
    }
    return new Namespace(fd, label)
  }

  /** Creates a namespace that lives until this is closed and nothing else holds it. @throws KernelError EPERM */
  static create(label = 'new namespace'): Namespace {
    return new Namespace(createDescriptor(), label)
  }

  /** Takes over a descriptor; closing this closes it. */
  static adopt(fd: number, label: string): Namespace {
    return new Namespace(fd, label)
  }

  /** Runs a synchronous section inside. */
  enter<T>(section: () => T): T {
    return enter(this, section)
  }

  close(): void {
    if (this.#open) libc.close(this.fd)
    this.#open = false
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function openSource(source: NamespaceSource): { fd: number; label: string } {
  if (source === 'own') return openPath('/proc/thread-self/ns/net', 'own namespace')
  if ('path' in source) return openPath(source.path, source.path)
  if ('name' in source) return openPath(`${NAMED_NAMESPACES}/${source.name}`, `ns:${source.name}`)
  if ('tid' in source) {
    return openPath(`/proc/${source.pid}/task/${source.tid}/ns/net`, `thread ${source.tid} of pid:${source.pid}`)
  }
  if ('pid' in source) return openPath(namespacePathOfProcess(source.pid), `pid:${source.pid}`)
  const fd = libc.fcntl(source.fd, F_DUPFD_CLOEXEC, 0)
  if (fd < 0) throw openError(`descriptor ${source.fd}`)
  return { fd, label: `descriptor ${source.fd}` }
}

function openPath(path: string, label: string): { fd: number; label: string } {
  const fd = libc.open(path, O_RDONLY | O_CLOEXEC, 0)
  if (fd < 0) throw openError(label)
  return { fd, label }
}

function openError(subject: string): KernelError {
  return new KernelError({ operation: 'open network namespace', errno: libc.errno(), subject })
}

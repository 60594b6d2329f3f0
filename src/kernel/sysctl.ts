/**
 * Kernel settings (sysctl(8)) of a network namespace. `/proc/sys/net` shows the namespace of the thread that opens the file
 * (net/sysctl_net.c, net_ctl_header_lookup), whoever mounted /proc; so entering the namespace is enough, and the files are
 * opened on this thread.
 */

import { readdirSync } from 'node:fs'
import { O_CLOEXEC } from './constants.ts'
import { check, hasCode, KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { enter, type NamespaceHandle } from './netns/enter.ts'
import { readFileHere } from './read-file.ts'

const ROOT = '/proc/sys/'
const O_WRONLY = 1

/** The two families whose settings exist once for each interface. */
export type SysctlFamily = 'ipv4' | 'ipv6'

/**
 * The file of a setting. As in sysctl(8) the first separator decides: after a dot, dots separate and a slash stands for a dot
 * within a name (`net.ipv4.conf.eth0/100.forwarding`); after a slash, slashes separate and dots are dots.
 * @throws RangeError when the key is empty or would lead out of /proc/sys
 */
export function sysctlPath(key: string): string {
  const separator = /[./]/.exec(key)?.[0]
  const path = separator === '.' ? swapSeparators(key) : key
  if (path.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new RangeError(`${JSON.stringify(key)} is not the name of a kernel setting`)
  }
  return ROOT + path
}

/**
 * The key of an interface's setting: `interfaceSysctl('ipv4', 'eth0.100', 'rp_filter')` is
 * `net.ipv4.conf.eth0/100.rp_filter`. `all` and `default` are interfaces too.
 */
export function interfaceSysctl(family: SysctlFamily, name: string, setting: string): string {
  return `net.${family}.conf.${swapSeparators(name)}.${setting}`
}

function swapSeparators(text: string): string {
  return text.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'))
}

/**
 * Value of one setting in `namespace`, without the line end; fields of settings with several stay separated by tabs.
 * @throws KernelError ENOENT when this kernel, or an unloaded module, has no such setting
 */
export function readSysctl(namespace: NamespaceHandle, key: string): string {
  const path = sysctlPath(key)
  return enter(namespace, () => readValue(path))
}

/** Values of several settings, entering once; a setting that this kernel lacks or does not let us read is left out. */
export function readSysctls(namespace: NamespaceHandle, keys: readonly string[]): Map<string, string> {
  const paths = keys.map((key) => [key, sysctlPath(key)] as const)
  return enter(namespace, () => {
    const out = new Map<string, string>()
    for (const [key, path] of paths) {
      const value = readPresentValue(path)
      if (value !== undefined) out.set(key, value)
    }
    return out
  })
}

/**
 * The named settings of every interface of `namespace`, with the pseudo-interfaces `all` and `default`: interface → setting
 * → value. A family that is switched off, or missing from the kernel, gives an empty map.
 */
export function readInterfaceSysctls(
  namespace: NamespaceHandle,
  family: SysctlFamily,
  settings: readonly string[],
): Map<string, Map<string, string>> {
  return enter(namespace, () => {
    const out = new Map<string, Map<string, string>>()
    const directory = `${ROOT}net/${family}/conf`
    for (const name of listDirectory(directory)) {
      const values = new Map<string, string>()
      for (const setting of settings) {
        const value = readPresentValue(`${directory}/${name}/${setting}`)
        if (value !== undefined) values.set(setting, value)
      }
      out.set(name, values)
    }
    return out
  })
}

/**
 * Sets a setting of `namespace`.
 * @throws KernelError ENOENT without such a setting, EINVAL for a value that the kernel refuses, EROFS where /proc/sys is
 *   mounted read-only (within containers)
 */
export function writeSysctl(namespace: NamespaceHandle, key: string, value: string | number): void {
  const path = sysctlPath(key)
  const bytes = Buffer.from(`${value}\n`)
  enter(namespace, () => {
    const fd = check(libc.open(path, O_WRONLY | O_CLOEXEC, 0), 'write sysctl', key)
    try {
      // The kernel takes a value from one write at offset 0 only (kernel.sysctl_writes_strict).
      check(libc.write(fd, bytes, bytes.length), 'write sysctl', `${key}=${value}`)
    } finally {
      libc.close(fd)
    }
  })
}

function readValue(path: string): string {
  return readFileHere(path, 'read sysctl').toString('utf8').trimEnd()
}

function readPresentValue(path: string): string | undefined {
  try {
    return readValue(path)
  } catch (error) {
    // EINVAL: the interface went away between listing and reading. EACCES, EPERM: root's alone.
    if (error instanceof KernelError && hasCode(error, 'ENOENT', 'EINVAL', 'EIO', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}

/** Names in a directory; Node's synchronous calls run on the calling thread, so this too sees the entered namespace. */
function listDirectory(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

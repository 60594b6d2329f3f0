/** The namespaces of sandboxes: made and pinned, adopted, opened again. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  hasCode,
  KernelError,
  Namespace,
  type NamespaceHandle,
  pinNamespace,
  unpinNamespace,
  writeSysctl,
} from '../../kernel/index.ts'
import { EngineError } from '../errors.ts'
import { quote, shortId } from '../ids.ts'
import type { SandboxRecord } from '../model.ts'
import { SandboxLinks } from './sandbox-links.ts'

/** Path at which the namespace of a sandbox is pinned. */
export function pinPath(run: string, sandboxId: string): string {
  return join(run, 'netns', shortId(sandboxId))
}

/** Directory with the files of a sandbox. */
export function filesPath(run: string, sandboxId: string): string {
  return join(run, 'sandboxes', sandboxId)
}

/** Makes a namespace: the loopback interface up, IPv6 off on the interfaces to come. Nothing but the result holds it yet. */
export function makeNamespace(host: NamespaceHandle): Namespace {
  const namespace = Namespace.create()
  try {
    switchIPv6OffByDefault(namespace)
    const links = new SandboxLinks(namespace, host)
    try {
      links.loopbackUp()
    } finally {
      links.close()
    }
    return namespace
  } catch (error) {
    namespace.close()
    throw error
  }
}

function switchIPv6OffByDefault(namespace: Namespace): void {
  try {
    writeSysctl(namespace, 'net.ipv6.conf.default.disable_ipv6', 1)
  } catch (error) {
    // A kernel without IPv6 has nothing to switch off.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** Pins a namespace where its sandbox says. */
export function pin(namespace: NamespaceHandle, path: string): void {
  try {
    pinNamespace(namespace, path)
  } catch (error) {
    // The file of an attempt that was broken off before its mount.
    if (!hasCode(error, 'EEXIST')) throw error
    unpin(path)
    pinNamespace(namespace, path)
  }
}

/** Removes the pin of a sandbox, also half of one; what is gone already is as it should be. */
export function unpin(path: string): void {
  try {
    unpinNamespace(path)
  } catch (error) {
    if (!(error instanceof KernelError) || !hasCode(error, 'EINVAL')) throw error
    rmSync(path, { force: true })
  }
}

/** Opens the namespace of a sandbox; undefined when its path leads nowhere, or to another namespace. */
export function openNamespace(sandbox: SandboxRecord): Namespace | undefined {
  try {
    const namespace = Namespace.open({ path: sandbox.key })
    if (namespace.identity.inode === sandbox.inode) return namespace
    namespace.close()
    return undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL', 'ESRCH', 'ENOTDIR', 'EACCES')) return undefined
    throw error
  }
}

/** Opens the namespace of a sandbox. @throws EngineError sandbox-gone */
export function mustOpenNamespace(sandbox: SandboxRecord): Namespace {
  const namespace = openNamespace(sandbox)
  if (namespace !== undefined) return namespace
  throw new EngineError(
    'sandbox-gone',
    `the namespace of sandbox ${quote(sandbox.containerId)} (${sandbox.key}) is gone; delete the sandbox`,
    { sandbox: sandbox.id },
  )
}

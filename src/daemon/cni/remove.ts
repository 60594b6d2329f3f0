/** DEL and GC: interfaces are taken away again. Both are content with what is gone already. */
import { hasCode, Namespace } from '../../kernel/index.ts'
import {
  attachmentNames,
  attachmentsOf,
  detach,
  dropSandbox,
  findEndpoint,
  findNetwork,
  findSandbox,
} from './attachments.ts'
import type { CniContext } from './cni-context.ts'
import { CniCode, CniError } from './cni-error.ts'
import type { CniConfiguration } from './configuration.ts'
import { ContainerLinks } from './container-links.ts'
import type { CniSubject } from './invocation.ts'

/** Carries out a DEL. @throws EngineError when the kernel refuses */
export async function remove(
  { controller }: CniContext,
  subject: CniSubject,
  configuration: CniConfiguration,
): Promise<void> {
  const network = findNetwork(controller, configuration.name)
  const endpoint = network === undefined ? undefined : findEndpoint(network, subject)
  if (endpoint === undefined) {
    // An ADD that was killed may have left the sandbox alone.
    const sandbox = findSandbox(controller, subject.containerId)
    if (sandbox !== undefined) await dropSandbox(sandbox)
    return
  }
  await detach(endpoint)
  if (subject.netns !== '') await untilGone(subject)
}

/** A runtime that adds the interface again at once shall find its name free. */
async function untilGone({ netns, interfaceName }: CniSubject): Promise<void> {
  let namespace: Namespace
  try {
    namespace = Namespace.open({ path: netns })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL', 'ENOTDIR', 'EACCES', 'ENXIO')) return
    throw error
  }
  const links = new ContainerLinks(namespace)
  try {
    await links.untilGone(interfaceName)
  } finally {
    links.close()
    namespace.close()
  }
}

/** Carries out a GC: removes what the runtime does not name. @throws CniError 100 telling what could not be removed */
export async function collectGarbage({ controller }: CniContext, configuration: CniConfiguration): Promise<void> {
  const network = findNetwork(controller, configuration.name)
  if (network === undefined) return
  const valid = attachmentNames(configuration.validAttachments)
  const failures: string[] = []
  for (const { endpoint, name } of attachmentsOf(network)) {
    if (valid.has(name)) continue
    try {
      await detach(endpoint)
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (failures.length > 0)
    throw new CniError(CniCode.refused, `not everything could be removed: ${failures.join('; ')}`)
}

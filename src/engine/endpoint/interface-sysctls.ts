/** Kernel settings that an endpoint's interface is to have in its sandbox: libnetwork's option, read and checked. */
import { hasCode, type NamespaceHandle, writeSysctl } from '../../kernel/index.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import type { EndpointRecord, Labels } from '../model.ts'

/** The option: `net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=0`. */
const OPTION = 'com.docker.network.endpoint.sysctls'

/** One setting. */
interface InterfaceSysctl {
  readonly family: string
  readonly group: string
  readonly setting: string
  readonly value: string
}

/** The trees of /proc/sys/net that have a directory for each interface (ip-sysctl.rst, mpls-sysctl.rst). */
const SHAPE = /^net\.(?:(ipv4|ipv6)\.(conf|neigh)|(mpls)\.(conf))\.IFNAME\.([a-z0-9_]+)=([\x20-\x7e]{1,100})$/

/** What a valid option says, in its order. @throws EngineError option-invalid, naming what is wrong */
export function readInterfaceSysctls(options: Labels): InterfaceSysctl[] {
  const text = options[OPTION] ?? ''
  if (text.trim() === '') return []
  return text.split(',').map((part) => {
    const found = SHAPE.exec(part.trim())
    if (found === null) {
      const wanted = 'each part is like net.ipv4.conf.IFNAME.log_martians=1, with the word IFNAME for the interface'
      throw new EngineError('option-invalid', `option ${OPTION} has ${quote(part.trim())}: ${wanted}`)
    }
    const [, family = 'mpls', group = 'conf', , , setting = '', value = ''] = found
    return { family, group, setting, value: value.trim() }
  })
}

/**
 * Gives an endpoint's interface the settings that were asked for.
 * @param interfaceName its name in the sandbox
 * @throws EngineError kernel-refused when this kernel has no such setting, or does not take the value
 */
export function applyInterfaceSysctls(
  namespace: NamespaceHandle,
  endpoint: EndpointRecord,
  interfaceName: string,
): void {
  for (const { family, group, setting, value } of readInterfaceSysctls(endpoint.options)) {
    try {
      // With a slash first, dots belong to the interface's name.
      writeSysctl(namespace, `net/${family}/${group}/${interfaceName}/${setting}`, value)
    } catch (error) {
      const reason = reasonOf(error)
      if (reason === undefined) throw error
      const what = `net.${family}.${group}.${interfaceName}.${setting}`
      throw new EngineError(
        'kernel-refused',
        `${what} of endpoint ${quote(endpoint.name)} cannot be ${quote(value)}: ${reason}`,
        { endpoint: endpoint.id, network: endpoint.networkId, cause: error },
      )
    }
  }
}

function reasonOf(error: unknown): string | undefined {
  if (hasCode(error, 'ENOENT')) return 'this kernel has no such setting'
  if (hasCode(error, 'EINVAL', 'ERANGE')) return 'the kernel does not take that value'
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return 'it cannot be changed here'
  return undefined
}

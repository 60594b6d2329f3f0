/** What a sandbox is asked to be. */
import { isIP } from 'node:net'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import { checkLabels, checkName } from '../input.ts'
import type { DnsSettings, Labels } from '../model.ts'

/** Settings of any sandbox. */
interface SandboxSettings {
  readonly id?: string
  /** One sandbox a container; made from the origin of an adopted namespace when left out. */
  readonly containerId?: string
  readonly hostname?: string
  readonly domainname?: string
  readonly labels?: Labels
  readonly dns?: DnsSettings
  /** Further lines of its hosts file. */
  readonly extraHosts?: readonly { readonly name: string; readonly address: string }[]
}

/** A sandbox that is wanted: a new namespace, one to adopt (of a process, at a path), or the host's own. */
export type SandboxSpec = SandboxSettings &
  (
    | { readonly containerId: string; readonly pid?: undefined; readonly path?: undefined; readonly host?: false }
    | { readonly pid: number; readonly path?: undefined; readonly host?: false }
    | { readonly path: string; readonly pid?: undefined; readonly host?: false }
    | { readonly host: true; readonly pid?: undefined; readonly path?: undefined }
  )

/** The settings with their defaults. */
export interface CheckedSettings {
  readonly containerId: string
  readonly hostname: string
  readonly domainname: string
  readonly labels: Labels
  readonly dns: DnsSettings
  readonly extraHosts: readonly { readonly name: string; readonly address: string }[]
}

/** Checks what needs no kernel. @throws EngineError name-blank, option-invalid, address-invalid */
export function checkSandboxSpec(spec: SandboxSpec): CheckedSettings {
  return {
    containerId: checkName('container id', spec.containerId ?? idOfOrigin(spec)),
    hostname: spec.hostname === undefined ? '' : checkName('host', spec.hostname),
    domainname: spec.domainname === undefined ? '' : checkName('domain', spec.domainname),
    labels: checkLabels('label', spec.labels ?? {}),
    dns: spec.dns ?? {},
    extraHosts: (spec.extraHosts ?? []).map(checkHost),
  }
}

function idOfOrigin(spec: SandboxSpec): string {
  if (spec.pid !== undefined) return `pid-${spec.pid}`
  if (spec.path !== undefined) return `path-${spec.path.replaceAll('/', '_')}`
  return spec.host === true ? 'host' : ''
}

function checkHost(host: { readonly name: string; readonly address: string }): typeof host {
  if (isIP(host.address) === 0) throw new EngineError('address-invalid', `${quote(host.address)} is not an IP address`)
  return { name: checkName('host', host.name), address: host.address }
}

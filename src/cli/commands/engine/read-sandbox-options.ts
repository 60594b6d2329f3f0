/** What the options that describe a sandbox say. They are read apart from where they are declared: every start loads that. */
import { isIP } from 'node:net'
import { type Invocation, UsageError } from '../../command.ts'
import { ifGiven, keyValues, oneText, texts } from './key-values.ts'

/** Settings of a sandbox, without where its namespace comes from. */
export interface SandboxSettings {
  readonly hostname?: string
  readonly domainname?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly dns?: {
    readonly servers?: readonly string[]
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
  readonly extraHosts?: readonly { readonly name: string; readonly address: string }[]
}

/** What they say. @throws UsageError */
export function readSandboxOptions(options: Invocation['options']): SandboxSettings {
  const labels = keyValues('--label', options['label'])
  const extraHosts = texts(options['addHost']).map(parseHost)
  const dns = {
    ...ifAny('servers', texts(options['dns']).map(checkAddress)),
    ...ifAny('search', texts(options['dnsSearch'])),
    ...ifAny('options', texts(options['dnsOption'])),
  }
  return {
    ...ifGiven('hostname', oneText(options['hostname'])),
    ...ifGiven('domainname', oneText(options['domainname'])),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(dns).length === 0 ? {} : { dns }),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
  }
}

function ifAny<K extends string>(key: K, values: readonly string[]): { readonly [P in K]?: readonly string[] } {
  return values.length === 0 ? {} : ({ [key]: values } as { readonly [P in K]: readonly string[] })
}

function checkAddress(text: string): string {
  if (isIP(text) === 0) throw new UsageError(`--dns ${text} is not an IP address`)
  return text
}

function parseHost(text: string): { readonly name: string; readonly address: string } {
  const [, name, address = ''] = /^([^:=]+)[:=]\[?([^\]]+)\]?$/.exec(text) ?? []
  if (name === undefined || isIP(address) === 0)
    throw new UsageError(`--add-host ${text} is not of the form NAME:ADDRESS`)
  return { name, address }
}

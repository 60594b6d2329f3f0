/** How names are resolved in a namespace (resolv.conf(5), hosts(5)). */
import type { InspectedDns } from './inspection.ts'
import type { PartContext } from './part-context.ts'
import { readResolverFiles } from './resolver-files.ts'

/** Reads the resolver's files; null when nothing lives there whose files they could be. */
export function readDns({ node }: PartContext): InspectedDns | null {
  const found = readResolverFiles(node)
  if (found === undefined) return null
  const text = (path: string): string => {
    const file = found.files.find((candidate) => candidate.path === path)
    return file === undefined ? '' : Buffer.from(file.content).toString('utf8')
  }
  return { source: found.source, ...parseResolvConf(text('/etc/resolv.conf')), hosts: parseHosts(text('/etc/hosts')) }
}

/** What resolv.conf says; of `search` and `domain` the last line counts, as in the C library. */
export function parseResolvConf(text: string): Pick<InspectedDns, 'nameservers' | 'search' | 'options'> {
  const nameservers: string[] = []
  const options: string[] = []
  let search: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0])
    else if (keyword === 'search' || keyword === 'domain') search = values
    else if (keyword === 'options') options.push(...values)
  }
  return { nameservers, search, options }
}

/** Lines of an address and its names. */
export function parseHosts(text: string): InspectedDns['hosts'] {
  return text.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return address === undefined || address === '' || names.length === 0 ? [] : [{ address, names }]
  })
}

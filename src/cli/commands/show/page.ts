/** An inspection as a page for people: sections with aligned tables, each left out when there is nothing in it. */
import { type InspectedDns, type InspectedService, type Inspection, namespaceWords } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'
import { heldBy } from '../ns/list-text.ts'
import { conntrackText, settingsText, tablesText } from './filter-text.ts'
import { linksText } from './link-text.ts'
import { forwardingText, neighboursText, routesText, rulesText, vlansText } from './route-tables.ts'
import { socketsText } from './socket-text.ts'

/** Entries of /etc/hosts that a page has room for. */
const MOST_HOSTS = 20

/** The whole page. */
export function inspectionPage(inspection: Inspection, paint: Paint): string {
  const { links, routes, rules, neighbours, forwarding, vlans } = inspection
  const { sockets, nftables, iptables, conntrack, settings, ipvs, dns } = inspection
  const sections: [title: string, text: string][] = [
    ['Interfaces', links === undefined ? '' : linksText(links, paint)],
    ['Routes', routes === undefined ? '' : routesText(routes, paint)],
    ['Rules', rules === undefined ? '' : rulesText(rules)],
    ['Neighbours', neighbours === undefined ? '' : neighboursText(neighbours, paint)],
    ['Forwarding entries', forwarding === undefined ? '' : forwardingText(forwarding)],
    ['Vlans', vlans === undefined ? '' : vlansText(vlans)],
    ['Sockets', sockets === undefined ? '' : socketsText(sockets)],
    ['nftables', nftables === undefined ? '' : tablesText(nftables.tables, paint)],
    ['iptables (legacy)', iptables === undefined ? '' : tablesText(iptables, paint)],
    ['Tracked connections', conntrack === undefined ? '' : conntrackText(conntrack, paint)],
    ['IPVS services', ipvs === undefined ? '' : servicesText(ipvs)],
    ['Settings', settings === undefined ? '' : settingsText(settings)],
    ['DNS', dns === undefined || dns === null ? '' : dnsText(dns)],
  ]
  const shown = sections.filter(([, text]) => text !== '').map(([title, text]) => `\n${paint('bold', title)}\n${text}`)
  return heading(inspection, paint) + shown.join('')
}

function heading({ target, namespace }: Inspection, paint: Paint): string {
  const words = namespaceWords(namespace).filter((word) => word !== target && !/^(inode|pid):/.test(word))
  const rows = [
    ['role', namespace.role],
    ['inode', namespace.inode],
    ['also called', words.slice(0, 6).join(', ')],
    ['processes', namespace.pids.length === 0 ? 'none' : listed(namespace.pids.map(String), 8)],
    ['held by', listed(heldBy(namespace), 4)],
  ]
  const filled = rows.filter(([, value]) => value !== '').map(([name, value]) => [name!, printable(value!)])
  return `${paint('bold', printable(target))}\n${table(filled, { indent: 2 })}`
}

function listed(words: readonly string[], most: number): string {
  const rest = words.length - most
  return words.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function servicesText(services: readonly InspectedService[]): string {
  return services
    .map((service) => {
      const rows = service.destinations.map((end) => [
        `-> ${end.address.includes(':') ? `[${end.address}]` : end.address}:${end.port}`,
        end.forwarding,
        `weight ${end.weight}`,
        `${end.active} active`,
        `${end.inactive} inactive`,
      ])
      return `  ${printable(service.service)} ${printable(service.scheduler)}\n${table(rows, { indent: 4 })}`
    })
    .join('')
}

function dnsText(dns: InspectedDns): string {
  const rows = [
    ['files of', dns.source],
    ['name servers', dns.nameservers.join(' ') || 'none'],
    ['search', dns.search.join(' ')],
    ['options', dns.options.join(' ')],
    ...dns.hosts
      .slice(0, MOST_HOSTS)
      .map((host, i) => [i === 0 ? 'hosts' : '', `${host.address} ${host.names.join(' ')}`]),
  ]
  if (dns.hosts.length > MOST_HOSTS) rows.push(['', `and ${dns.hosts.length - MOST_HOSTS} more`])
  const filled = rows.filter(([, value]) => value !== '').map(([name, value]) => [name!, printable(value!)])
  return table(filled, { indent: 2 })
}

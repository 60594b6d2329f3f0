/** Hosts that others use as a router, and that do not forward. */
import { RouteType } from '../../../kernel/index.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Family, Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { groupBy } from '../group-by.ts'
import type { Interface } from '../interface.ts'
import { fact, listed, subjectOf } from '../words.ts'

/** `forwarding-disabled` */
export const forwarding: Check = {
  codes: ['forwarding-disabled'],
  examine(examination) {
    return (['ipv4', 'ipv6'] as const).flatMap((family) => examineFamily(family, examination))
  },
}

/** Somebody sends what is not for his own wire to an address of a router. */
interface Client {
  readonly place: Place
  readonly prefix: string
  readonly gateway: string
}

function examineFamily(family: Family, examination: Examination): Diagnosis[] {
  const idle = [...clientsByRouter(family, examination)].filter(
    ([router]) => !forwards(router, family) && leadsOn(router, family, examination),
  )
  const byPlace = groupBy(idle, ([{ place }]) => place)
  return [...byPlace].map(([place, used]) => diagnosis(place, family, used, examination))
}

function diagnosis(
  place: Place,
  family: Family,
  used: readonly (readonly [Interface, Client[]])[],
  { scene }: Examination,
): Diagnosis {
  const key = family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
  // The whole namespace may forward, and single interfaces not.
  const whole = place.settings.get(key) !== '1'
  const settings = whole ? [key] : used.map(([router]) => settingOf(family, router.name, 'forwarding'))
  const users = [
    ...new Map(used.flatMap(([, clients]) => clients).map((client) => [client.place.inode, client])).values(),
  ]
  const who = listed(users.map((user) => user.place.label))
  const [uses, their] = users.length === 1 ? ['uses', 'its'] : ['use', 'their']
  return {
    finding: {
      code: 'forwarding-disabled',
      severity: 'error',
      subject: subjectOf(place, used[0]![0]),
      summary: `${who} ${uses} ${place.label} as ${their} router, but it does not forward ${family === 'ipv4' ? 'IPv4' : 'IPv6'} packets.`,
      evidence: [
        ...settings.map((setting) => fact(`${setting} is 0 in ${place.label}`, 'procfs')),
        ...users
          .slice(0, 4)
          .map((user) => fact(`${user.place.label} has the route ${user.prefix} via ${user.gateway}`)),
      ],
      fix: fixSettings(
        place,
        scene.home,
        settings.map((setting) => [setting, '1'] as const),
      ),
    },
  }
}

/** Who sends through whom: by interface of the router. */
function clientsByRouter(family: Family, examination: Examination): Map<Interface, Client[]> {
  const owners = new Map<string, Interface[]>()
  for (const one of examination.wiring.interfaces) {
    for (const { address } of one.addresses) {
      const known = owners.get(address)
      if (known === undefined) owners.set(address, [one])
      else known.push(one)
    }
  }
  const clients = new Map<Interface, Client[]>()
  for (const place of examination.scene.places()) {
    for (const route of place.routes(family)) {
      const { gateway, outputInterface } = route
      if (route.type !== RouteType.unicast || gateway === undefined || outputInterface === undefined) continue
      const output = examination.wiring.get(place.inode, outputInterface)
      const router = owners.get(gateway)?.find((one) => isOnSameWire(one, output, examination))
      if (output === undefined || router === undefined || router.place.inode === place.inode) continue
      const prefix = route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
      const known = clients.get(router) ?? []
      if (!known.some((client) => client.place.inode === place.inode)) known.push({ place, prefix, gateway })
      clients.set(router, known)
    }
  }
  return clients
}

function isOnSameWire(one: Interface, output: Interface | undefined, { segments, broken }: Examination): boolean {
  if (output === undefined || broken.has(one) || broken.has(output) || !one.up || !output.up) return false
  return segments.of(one) === segments.of(output)
}

/** The interface that packets come in by decides for IPv4 (ip_route_input_slow), the whole namespace for IPv6 (ip6_forward). */
function forwards({ place, name }: Interface, family: Family): boolean {
  if (family === 'ipv6') {
    const own = place.settings.ofInterface('ipv6', name, 'force_forwarding') === '1'
    return own || place.settings.get('net.ipv6.conf.all.forwarding') !== '0'
  }
  return place.settings.ofInterface('ipv4', name, 'forwarding') !== '0'
}

/** A host with one wire has nowhere to forward to: the route to it is the fault, or of no use to anybody. */
function leadsOn(router: Interface, family: Family, { wiring }: Examination): boolean {
  return wiring
    .of(router.place.inode)
    .some((one) => one.id !== router.id && one.up && one.addresses.some((own) => own.family === family))
}

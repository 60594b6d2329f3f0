/** Addresses that runtimes have on record, against those that containers have. */

import type { Evidence, Fix } from '../../finding.ts'
import type { WantedContainer, WantedEndpoint } from '../../intent/intent.ts'
import { fixAddressMissing } from '../../remedy/link-fix.ts'
import { fixRouteMissing } from '../../remedy/route-fix.ts'
import { familyOfAddress } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `address-missing` */
export const containerAddresses: Check = {
  codes: ['address-missing'],
  examine(examination) {
    return examination.intent.containers.flatMap((container) =>
      container.endpoints.flatMap((endpoint) => judge(container, endpoint, examination)),
    )
  },
}

function judge(container: WantedContainer, endpoint: WantedEndpoint, examination: Examination): Diagnosis[] {
  const { namespace, runtime, name } = container
  if (namespace === null || endpoint.mac === null) return []
  const own = examination.wiring.of(namespace)
  const one = own.find(({ mac }) => mac === endpoint.mac)
  // Without the interface there is another finding; one that is down has lost its IPv6 addresses for that reason.
  if (one === undefined) return []
  const had = new Set(own.flatMap(({ allAddresses }) => allAddresses.map(({ address }) => address)))
  return endpoint.addresses
    .filter((wanted) => !had.has(wanted.split('/')[0]!) && (one.up || !wanted.includes(':')))
    .map((wanted) => {
      const record = fact(`${runtime} has ${name} on network ${endpoint.networkName} as ${wanted}`, runtime)
      return missing(one, wanted, record, mend(one, wanted, endpoint.gateways, examination))
    })
}

/** Routes by way of a gateway went with the address. */
function mend(one: Interface, wanted: string, gateways: readonly string[], { scene }: Examination): Fix {
  const { place } = one
  const fix = fixAddressMissing(place, scene.home, one.name, wanted)
  const family = familyOfAddress(wanted)
  const gateway = gateways.find((candidate) => familyOfAddress(candidate) === family)
  const hasDefault = place.routes(family).some(({ destinationLength }) => destinationLength === 0)
  if (gateway === undefined || hasDefault) return fix
  const route = fixRouteMissing(place, scene.home, { prefix: 'default', gateway, output: one.name })
  return { ...fix, summary: `${fix.summary} ${route.summary}`, commands: [...fix.commands, ...route.commands] }
}

function missing(one: Interface, wanted: string, record: Evidence, fix: Fix): Diagnosis {
  const has = one.addresses.map(({ text }) => text)
  return {
    finding: {
      code: 'address-missing',
      severity: 'error',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} ought to have ${wanted}, but has ${has.length === 0 ? 'no address' : has.join(', ')}: nobody answers where others look for it.`,
      evidence: [record, fact(`${called(one)} has ${has.length === 0 ? 'no address' : has.join(', ')}`)],
      fix,
    },
    breaks: [one],
  }
}

/** Every check, in the order in which they are made: what breaks an interface comes before what suffers from it. */

import { addressDuplicate } from './checks/address-duplicate.ts'
import { backends } from './checks/backends.ts'
import { bareInterfaces } from './checks/bare-interfaces.ts'
import { bridgePortMissing } from './checks/bridge-port-missing.ts'
import { bridgePortState } from './checks/bridge-port-state.ts'
import { carrierDown } from './checks/carrier-down.ts'
import { conntrackFull } from './checks/conntrack.ts'
import { containerAddresses } from './checks/container-addresses.ts'
import { containerWays } from './checks/container-ways.ts'
import { forwarding } from './checks/forwarding.ts'
import { gateway } from './checks/gateway.ts'
import { interfaceDown } from './checks/interface-down.ts'
import { leaked } from './checks/leaked.ts'
import { leases } from './checks/leases.ts'
import { linkPeerMissing } from './checks/link-peer-missing.ts'
import { listeners } from './checks/listeners.ts'
import { macDuplicate } from './checks/mac-duplicate.ts'
import { mtuMismatch } from './checks/mtu-mismatch.ts'
import { names } from './checks/names.ts'
import { neighbours } from './checks/neighbours.ts'
import { orphans } from './checks/orphans.ts'
import { overlayEntries } from './checks/overlays.ts'
import { redirections } from './checks/redirections.ts'
import { resolvers } from './checks/resolvers.ts'
import { reversePath } from './checks/reverse-path.ts'
import { routeForbidden } from './checks/route-forbidden.ts'
import { subnetOverlap } from './checks/subnet-overlap.ts'
import { ways } from './checks/ways.ts'
import type { Check } from './examination.ts'

/** The checks. */
export const CHECKS: readonly Check[] = [
  names,
  leaked,
  linkPeerMissing,
  interfaceDown,
  carrierDown,
  containerAddresses,
  bridgePortMissing,
  bridgePortState,
  bareInterfaces,
  mtuMismatch,
  addressDuplicate,
  macDuplicate,
  subnetOverlap,
  gateway,
  forwarding,
  reversePath,
  routeForbidden,
  overlayEntries,
  neighbours,
  conntrackFull,
  containerWays,
  redirections,
  listeners,
  resolvers,
  backends,
  ways,
  orphans,
  leases,
]

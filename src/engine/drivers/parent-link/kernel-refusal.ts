/** The kernel's refusals of interfaces on parents, as sentences. */
import { hasCode } from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'

/** Runs `make`, which makes an interface of `kind`. @throws EngineError kernel-lacks when this kernel has no such kind */
export function makingKind<T>(kind: string, network: NetworkRecord, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!hasCode(error, 'EOPNOTSUPP')) throw error
    throw new EngineError(
      'kernel-lacks',
      `this kernel has no ${kind} interfaces, which network ${network.name} needs: try modprobe ${moduleOf(kind)}`,
      { network: network.id, cause: error },
    )
  }
}

/** A refusal to put an interface on a parent, in words. Other errors come back as they are. */
export function parentRefusal(error: unknown, network: NetworkRecord, parent: string): unknown {
  const details = { network: network.id, cause: error }
  if (hasCode(error, 'ENODEV')) {
    return new EngineError('parent-unknown', `the parent ${parent} of network ${network.name} is gone`, details)
  }
  // One interface has one receiver of its frames (netdev_rx_handler_register): a bridge, a bond, macvlan or ipvlan.
  if (hasCode(error, 'EBUSY')) {
    const text = `the parent ${parent} of network ${network.name} belongs to a bridge, a bond or a network of another driver`
    return new EngineError('parent-taken', text, details)
  }
  // A passthru interface must be alone on its parent, whichever came first (macvlan_common_newlink, drivers/net/macvlan.c).
  if (hasCode(error, 'EINVAL') && network.driver === 'macvlan') {
    const text = `the parent ${parent} of network ${network.name} takes no further interface: in mode passthru it carries one alone`
    return new EngineError('parent-taken', text, details)
  }
  return error
}

function moduleOf(kind: string): string {
  return kind === 'vlan' ? '8021q' : kind
}

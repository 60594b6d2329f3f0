/** An 802.1D bridge identifier: two bytes of priority, then a link-layer address (struct ifla_bridge_id). */
import { mac } from '../../netlink/address-value.ts'
import { be16, type Value } from '../../netlink/value.ts'

/** A bridge identifier. */
export interface BridgeId {
  readonly priority: number
  readonly address: string
}

/** Eight bytes: the priority in network order, the address. */
export const bridgeId: Value<BridgeId> = {
  minimum: 8,
  read: (bytes, offset) => ({ priority: be16.read(bytes, offset, 2), address: mac.read(bytes, offset + 2, 6) }),
  write(writer, value) {
    be16.write(writer, value.priority)
    mac.write(writer, value.address)
  },
}

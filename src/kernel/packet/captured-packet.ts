/** A packet as AF_PACKET gives it (packet(7)). */

/** Where a packet was going, seen from the interface. */
export type PacketDirection = 'host' | 'broadcast' | 'multicast' | 'other-host' | 'outgoing' | 'unknown'

/** A packet that passed an interface. */
export interface CapturedPacket {
  /** The frame from its link-layer header on. A view of the ring: valid until the callback returns; copy what is to stay. */
  readonly bytes: Buffer
  /** Length on the wire; `bytes` is shorter where the capture cuts. */
  readonly originalLength: number
  /** When the kernel saw it: seconds of the real-time clock since 1970, and nanoseconds on top. */
  readonly seconds: number
  readonly nanoseconds: number
  readonly interfaceIndex: number
  readonly direction: PacketDirection
  /** The VLAN tag, which the kernel takes out of the frame: protocol (0x8100, 0x88a8) and tag control information. */
  readonly vlan: { readonly protocol: number; readonly tci: number } | undefined
}

const directions: readonly PacketDirection[] = ['host', 'broadcast', 'multicast', 'other-host', 'outgoing']

/** The direction that sockaddr_ll.sll_pkttype means. */
export function packetDirection(type: number): PacketDirection {
  return directions[type] ?? 'unknown'
}

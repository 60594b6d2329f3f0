/** TCP, UDP and raw sockets on the wire (linux/inet_diag.h). */
import { attribute, attributes } from '../netlink/attributes.ts'
import { messageKind } from '../netlink/message.ts'
import { be16, bool8, fixedBytes, pad, string, struct, u8, u32, u64 } from '../netlink/value.ts'
import { cookie } from './diag-dump.ts'

/** `struct inet_diag_sockid`: addresses fill 16 bytes each, of which IPv4 uses the first four. */
const socketIdentity = {
  localPort: be16,
  remotePort: be16,
  localAddress: fixedBytes(16),
  remoteAddress: fixedBytes(16),
  interface: u32,
  cookie,
} as const

/** `struct inet_diag_req_v2`. `extensions` has bit N−1 set for each attribute number N that is wanted. */
export const inetRequest = messageKind(
  struct({ family: u8, protocol: u8, extensions: u8, padding: pad(1), states: u32, ...socketIdentity }),
  attributes({}),
)

/** Memory of a socket in bytes (linux/sock_diag.h, enum of SK_MEMINFO_*); `drops` counts packets. */
export const socketMemory = struct({
  receiveAllocated: u32,
  receiveBuffer: u32,
  sendAllocated: u32,
  sendBuffer: u32,
  forwardAllocated: u32,
  sendQueued: u32,
  options: u32,
  backlog: u32,
  drops: u32,
})

/** `struct tcp_info` (linux/tcp.h) up to the byte counts of Linux 4.1. Times are in microseconds unless a name says else. */
export const tcpInfo = struct({
  state: u8,
  congestionState: u8,
  retransmits: u8,
  probes: u8,
  backoff: u8,
  options: u8,
  windowScales: u8,
  deliveryFlags: u8,
  retransmissionTimeout: u32,
  acknowledgementTimeout: u32,
  sendSegmentSize: u32,
  receiveSegmentSize: u32,
  unacknowledged: u32,
  selectivelyAcknowledged: u32,
  lost: u32,
  retransmitted: u32,
  forwardAcknowledged: u32,
  lastDataSentMilliseconds: u32,
  lastAcknowledgementSentMilliseconds: u32,
  lastDataReceivedMilliseconds: u32,
  lastAcknowledgementReceivedMilliseconds: u32,
  pathMtu: u32,
  receiveSlowStartThreshold: u32,
  roundTripTime: u32,
  roundTripVariation: u32,
  sendSlowStartThreshold: u32,
  congestionWindow: u32,
  advertisedSegmentSize: u32,
  reordering: u32,
  receiveRoundTripTime: u32,
  receiveSpace: u32,
  totalRetransmissions: u32,
  pacingRate: u64,
  maximumPacingRate: u64,
  bytesAcknowledged: u64,
  bytesReceived: u64,
})

/** `struct inet_diag_msg` and the attributes behind it. */
export const inetMessage = messageKind(
  struct({
    family: u8,
    state: u8,
    timer: u8,
    retransmits: u8,
    ...socketIdentity,
    expires: u32,
    receiveQueue: u32,
    sendQueue: u32,
    uid: u32,
    inode: u32,
  }),
  attributes({
    tcp: attribute(2, tcpInfo),
    congestion: attribute(4, string),
    typeOfService: attribute(5, u8),
    trafficClass: attribute(6, u8),
    memory: attribute(7, socketMemory),
    shutdown: attribute(8, u8),
    v6only: attribute(11, bool8),
    mark: attribute(15, u32),
    classId: attribute(17, u32),
    cgroup: attribute(21, u64),
  }),
)

/** Security associations (states): the keys and counters of one direction of an IPsec connection. */
import type { MessageOf } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import type { XfrmAlgorithm } from './xfrm-algorithm.ts'
import { XfrmMessage, xfrmFlush, xfrmNothing, xfrmState, xfrmStateId, xfrmStateWithSecrets } from './xfrm-message.ts'
import {
  addressOf,
  everything,
  familyOf,
  modeOf,
  NO_LIMITS,
  NO_USAGE,
  protocolOf,
  selectorOf,
  wireAddress,
  wireMode,
  wireProtocol,
  wireSelector,
  type XfrmMark,
  type XfrmMode,
  type XfrmProtocol,
  type XfrmSelector,
} from './xfrm-shapes.ts'

/** What identifies a state. */
export interface XfrmStateKey {
  readonly destination: string
  readonly protocol: XfrmProtocol | number
  /** Security parameter index: the number by which the receiver finds the state. */
  readonly spi: number
  readonly mark?: XfrmMark
}

/** UDP around ESP, to pass address translation. */
export interface XfrmEncapsulation {
  /** 2 is RFC 3948. */
  readonly type: number
  readonly sourcePort: number
  readonly destinationPort: number
}

/** A state as it is made. */
export interface XfrmStateSettings extends XfrmStateKey {
  readonly source: string
  readonly mode: XfrmMode | number
  /** Joins the state to the templates of policies. */
  readonly requestId?: number
  /** Packets by which one may come late. */
  readonly replayWindow?: number
  /** Packets that it is for; all when left out. */
  readonly selector?: XfrmSelector
  readonly encryption?: XfrmAlgorithm
  readonly authentication?: XfrmAlgorithm
  /** A cipher that authenticates too, instead of the two above. */
  readonly aead?: XfrmAlgorithm
  readonly encapsulation?: XfrmEncapsulation
  /** Of the xfrm interface that it belongs to. */
  readonly interfaceId?: number
}

/** A state as the kernel has it. Keys are in it only when secrets were asked for. */
export interface XfrmState
  extends Required<Pick<XfrmStateSettings, 'requestId' | 'replayWindow' | 'selector'>>,
    Omit<XfrmStateSettings, 'requestId' | 'replayWindow' | 'selector'> {
  readonly bytes: bigint
  readonly packets: bigint
  readonly added: Date | undefined
  readonly firstUsed: Date | undefined
  /** Packets refused because they were too late, came twice, or failed the check of their integrity. */
  readonly refused: { readonly late: number; readonly replayed: number; readonly integrity: number }
}

/** IPSEC_PROTO_ANY */
const EVERY_PROTOCOL = 255

type Wire = MessageOf<typeof xfrmStateWithSecrets>

/**
 * States of the namespace of `socket`, a NetlinkSocket of `NetlinkProtocol.xfrm`.
 * @throws NetlinkError EPERM without CAP_NET_ADMIN
 */
export function listXfrmStates(socket: NetlinkSocket, { secrets = false }: { secrets?: boolean } = {}): XfrmState[] {
  const query = { operation: 'XFRM_MSG_GETSA', type: XfrmMessage.getState, kind: xfrmNothing, body: {} }
  const rows: Wire[] = socket.dump({ ...query, reply: secrets ? xfrmStateWithSecrets : xfrmState })
  return rows.map(stateOf)
}

/**
 * Makes a state.
 * @throws NetlinkError EEXIST, EPROTONOSUPPORT when this kernel lacks the protocol, ENOSYS when it lacks the algorithm
 */
export function addXfrmState(socket: NetlinkSocket, state: XfrmStateSettings): void {
  socket.request({
    operation: 'XFRM_MSG_NEWSA',
    type: XfrmMessage.newState,
    kind: xfrmStateWithSecrets,
    body: wireState(state),
  })
}

/** Removes a state. @throws NetlinkError ESRCH when there is none */
export function deleteXfrmState(socket: NetlinkSocket, key: XfrmStateKey): void {
  const request: Request<MessageOf<typeof xfrmStateId>> = {
    operation: 'XFRM_MSG_DELSA',
    type: XfrmMessage.deleteState,
    kind: xfrmStateId,
    body: {
      destination: wireAddress(key.destination),
      spi: key.spi,
      family: familyOf(key.destination),
      protocol: wireProtocol(key.protocol),
      ...(key.mark === undefined ? {} : { mark: key.mark }),
    },
  }
  socket.request(request)
}

/** Removes every state of the namespace, or those of one protocol. */
export function flushXfrmStates(socket: NetlinkSocket, protocol?: XfrmProtocol): void {
  socket.request({
    operation: 'XFRM_MSG_FLUSHSA',
    type: XfrmMessage.flushStates,
    kind: xfrmFlush,
    body: { protocol: protocol === undefined ? EVERY_PROTOCOL : wireProtocol(protocol) },
  })
}

function stateOf(wire: Wire): XfrmState {
  // The kernel tells a truncated authentication in both forms; the longer one says more.
  const authentication = wire.authenticationTruncated ?? wire.authentication
  return {
    source: addressOf(wire.source, wire.family),
    destination: addressOf(wire.id.destination, wire.family),
    protocol: protocolOf(wire.id.protocol),
    spi: wire.id.spi,
    mode: modeOf(wire.mode),
    requestId: wire.requestId,
    replayWindow: wire.replayWindow,
    selector: selectorOf(wire.selector, wire.family),
    ...(wire.encryption === undefined ? {} : { encryption: wire.encryption }),
    ...(authentication === undefined ? {} : { authentication }),
    ...(wire.aead === undefined ? {} : { aead: wire.aead }),
    ...(wire.encapsulation === undefined ? {} : { encapsulation: encapsulationOf(wire.encapsulation) }),
    ...(wire.mark === undefined ? {} : { mark: wire.mark }),
    ...(wire.interfaceId === undefined ? {} : { interfaceId: wire.interfaceId }),
    bytes: wire.usage.bytes,
    packets: wire.usage.packets,
    added: dateOf(wire.usage.added),
    firstUsed: dateOf(wire.usage.used),
    refused: {
      late: wire.statistics.replayWindow,
      replayed: wire.statistics.replay,
      integrity: wire.statistics.integrityFailed,
    },
  }
}

function encapsulationOf(wire: NonNullable<Wire['encapsulation']>): XfrmEncapsulation {
  return { type: wire.type, sourcePort: wire.sourcePort, destinationPort: wire.destinationPort }
}

function dateOf(seconds: bigint): Date | undefined {
  return seconds === 0n ? undefined : new Date(Number(seconds) * 1000)
}

function wireState(state: XfrmStateSettings): Partial<Wire> {
  const family = familyOf(state.destination)
  return {
    selector: wireSelector(state.selector ?? everything(family)),
    id: { destination: wireAddress(state.destination), spi: state.spi, protocol: wireProtocol(state.protocol) },
    source: wireAddress(state.source),
    limits: NO_LIMITS,
    usage: NO_USAGE,
    requestId: state.requestId ?? 0,
    family,
    mode: wireMode(state.mode),
    replayWindow: state.replayWindow ?? 0,
    ...wireAlgorithms(state),
    ...(state.encapsulation === undefined
      ? {}
      : { encapsulation: { ...state.encapsulation, originalAddress: Buffer.alloc(16) } }),
    ...(state.mark === undefined ? {} : { mark: state.mark }),
    ...(state.interfaceId === undefined ? {} : { interfaceId: state.interfaceId }),
  }
}

function wireAlgorithms({ encryption, authentication, aead }: XfrmStateSettings): Partial<Wire> {
  return {
    ...(encryption === undefined ? {} : { encryption }),
    ...(aead === undefined ? {} : { aead }),
    // Without a length of the check value the kernel chooses the one that the algorithm's standard says.
    ...(authentication === undefined
      ? {}
      : authentication.checkBits === undefined
        ? { authentication }
        : { authenticationTruncated: authentication }),
  }
}

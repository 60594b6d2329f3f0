/** Security policies: which packets must be transformed, and how. */
import type { MessageOf } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { XfrmMessage, xfrmNothing, xfrmPolicy, xfrmPolicyId } from './xfrm-message.ts'
import {
  addressOf,
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

/** Where on its way a packet is judged. A socket's own policies show as `socket-in` and `socket-out`. */
export type XfrmDirection = 'in' | 'out' | 'forward' | 'socket-in' | 'socket-out'

/** A transformation that a packet must go through, or must have gone through. */
export interface XfrmTemplate {
  /** Ends of the tunnel; unspecified addresses in transport mode. */
  readonly source: string
  readonly destination: string
  readonly protocol: XfrmProtocol | number
  readonly mode: XfrmMode | number
  /** States with this number fit; 0 is any. */
  readonly requestId?: number
  /** The one state that fits; 0 is any. */
  readonly spi?: number
  /** The packet may pass without it. */
  readonly optional?: boolean
}

/** What identifies a policy. */
export interface XfrmPolicyKey {
  readonly direction: XfrmDirection
  readonly selector: XfrmSelector
  readonly mark?: XfrmMark
  /** Of the xfrm interface that it belongs to. */
  readonly interfaceId?: number
}

/** A policy as it is made. */
export interface XfrmPolicySettings extends XfrmPolicyKey {
  readonly action: 'allow' | 'block'
  /** The lowest number is asked first. */
  readonly priority: number
  readonly templates: readonly XfrmTemplate[]
}

/** A policy as the kernel has it. */
export interface XfrmPolicy extends XfrmPolicySettings {
  readonly index: number
}

const DIRECTIONS: readonly XfrmDirection[] = ['in', 'out', 'forward', 'socket-in', 'socket-out']
const BLOCK = 1
/** All algorithms are allowed. */
const EVERY_ALGORITHM = 0xffffffff

type Wire = MessageOf<typeof xfrmPolicy>
type WireTemplate = NonNullable<Wire['templates']>[number]

/**
 * Policies of the namespace of `socket`, a NetlinkSocket of `NetlinkProtocol.xfrm`.
 * @throws NetlinkError EPERM without CAP_NET_ADMIN
 */
export function listXfrmPolicies(socket: NetlinkSocket): XfrmPolicy[] {
  const rows = socket.dump({
    operation: 'XFRM_MSG_GETPOLICY',
    type: XfrmMessage.getPolicy,
    kind: xfrmNothing,
    body: {},
    reply: xfrmPolicy,
  })
  return rows.map(policyOf)
}

/** Makes a policy. @throws NetlinkError EEXIST when there is one of the same key */
export function addXfrmPolicy(socket: NetlinkSocket, policy: XfrmPolicySettings): void {
  socket.request({
    operation: 'XFRM_MSG_NEWPOLICY',
    type: XfrmMessage.newPolicy,
    kind: xfrmPolicy,
    body: {
      selector: wireSelector(policy.selector),
      limits: NO_LIMITS,
      usage: NO_USAGE,
      priority: policy.priority,
      direction: DIRECTIONS.indexOf(policy.direction),
      action: policy.action === 'block' ? BLOCK : 0,
      ...(policy.templates.length === 0 ? {} : { templates: policy.templates.map(wireTemplate) }),
      ...belonging(policy),
    },
  })
}

/** Removes a policy. @throws NetlinkError ENOENT when there is none */
export function deleteXfrmPolicy(socket: NetlinkSocket, key: XfrmPolicyKey): void {
  socket.request({
    operation: 'XFRM_MSG_DELPOLICY',
    type: XfrmMessage.deletePolicy,
    kind: xfrmPolicyId,
    body: {
      selector: wireSelector(key.selector),
      direction: DIRECTIONS.indexOf(key.direction),
      ...belonging(key),
    },
  })
}

/** Removes every policy of the namespace. */
export function flushXfrmPolicies(socket: NetlinkSocket): void {
  socket.request({
    operation: 'XFRM_MSG_FLUSHPOLICY',
    type: XfrmMessage.flushPolicies,
    kind: xfrmNothing,
    body: {},
  })
}

function policyOf(wire: Wire): XfrmPolicy {
  return {
    direction: DIRECTIONS[wire.direction] ?? 'in',
    selector: selectorOf(wire.selector, wire.selector.family),
    action: wire.action === BLOCK ? 'block' : 'allow',
    priority: wire.priority,
    index: wire.index,
    templates: (wire.templates ?? []).map(templateOf),
    ...belonging(wire),
  }
}

/** The attributes beside the selector that tell policies apart. */
function belonging({ mark, interfaceId }: { mark?: XfrmMark; interfaceId?: number }): {
  mark?: XfrmMark
  interfaceId?: number
} {
  return { ...(mark === undefined ? {} : { mark }), ...(interfaceId === undefined ? {} : { interfaceId }) }
}

function templateOf(wire: WireTemplate): XfrmTemplate {
  return {
    source: addressOf(wire.source, wire.family),
    destination: addressOf(wire.id.destination, wire.family),
    protocol: protocolOf(wire.id.protocol),
    mode: modeOf(wire.mode),
    requestId: wire.requestId,
    spi: wire.id.spi,
    optional: wire.optional !== 0,
  }
}

function wireTemplate(template: XfrmTemplate): WireTemplate {
  return {
    id: {
      destination: wireAddress(template.destination),
      spi: template.spi ?? 0,
      protocol: wireProtocol(template.protocol),
    },
    family: familyOf(template.destination),
    source: wireAddress(template.source),
    requestId: template.requestId ?? 0,
    mode: wireMode(template.mode),
    share: 0,
    optional: template.optional === true ? 1 : 0,
    authenticationAlgorithms: EVERY_ALGORITHM,
    encryptionAlgorithms: EVERY_ALGORITHM,
    compressionAlgorithms: EVERY_ALGORITHM,
  }
}

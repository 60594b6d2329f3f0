/** IPsec states and policies on the wire (linux/xfrm.h). Structures are laid out as on 64-bit hosts. */
import { attribute, attributes } from '../netlink/attributes.ts'
import { messageKind } from '../netlink/message.ts'
import { be16, be32, fixedBytes, pad, raw, repeat, s32, struct, u8, u16, u32, u64 } from '../netlink/value.ts'
import { algorithm } from './xfrm-algorithm.ts'

/** XFRM_MSG_* */
export const XfrmMessage = {
  newState: 0x10,
  deleteState: 0x11,
  getState: 0x12,
  newPolicy: 0x13,
  deletePolicy: 0x14,
  getPolicy: 0x15,
  updatePolicy: 0x19,
  updateState: 0x1a,
  flushStates: 0x1c,
  flushPolicies: 0x1d,
} as const

/** `xfrm_address_t`: 16 bytes, of which IPv4 uses the first four. */
const address = fixedBytes(16)

/** `struct xfrm_selector`: which packets. Ports count under their masks. */
const selector = struct({
  destination: address,
  source: address,
  destinationPort: be16,
  destinationPortMask: be16,
  sourcePort: be16,
  sourcePortMask: be16,
  family: u16,
  destinationPrefix: u8,
  sourcePrefix: u8,
  protocol: u8,
  padding: pad(3),
  interface: s32,
  user: u32,
})

/** `struct xfrm_id` */
const identity = struct({ destination: address, spi: be32, protocol: u8, padding: pad(3) })

/** `struct xfrm_lifetime_cfg`: limits; for bytes and packets all bits set is none, for seconds 0. */
const limits = struct({
  softBytes: u64,
  hardBytes: u64,
  softPackets: u64,
  hardPackets: u64,
  softAddSeconds: u64,
  hardAddSeconds: u64,
  softUseSeconds: u64,
  hardUseSeconds: u64,
})

/** `struct xfrm_lifetime_cur`: what was used; times are seconds since 1970, 0 is never. */
const usage = struct({ bytes: u64, packets: u64, added: u64, used: u64 })

const mark = struct({ value: u32, mask: u32 })
/** `struct xfrm_encap_tmpl` */
const encapsulation = struct({
  type: u16,
  sourcePort: be16,
  destinationPort: be16,
  padding: pad(2),
  originalAddress: address,
})

const stateHeader = struct({
  selector,
  id: identity,
  source: address,
  limits,
  usage,
  statistics: struct({ replayWindow: u32, replay: u32, integrityFailed: u32 }),
  sequence: u32,
  requestId: u32,
  family: u16,
  mode: u8,
  replayWindow: u8,
  flags: u8,
  padding: pad(7),
})

function stateAttributes(secrets: boolean) {
  return attributes(
    {
      authentication: attribute(1, algorithm(false, secrets)),
      encryption: attribute(2, algorithm(false, secrets)),
      compression: attribute(3, algorithm(false, secrets)),
      encapsulation: attribute(4, encapsulation),
      lastUsed: attribute(15, u64),
      aead: attribute(18, algorithm(true, secrets)),
      authenticationTruncated: attribute(20, algorithm(true, secrets)),
      mark: attribute(21, mark),
      replay: attribute(23, raw),
      extraFlags: attribute(24, u32),
      offload: attribute(28, struct({ interface: s32, flags: u8, padding: pad(3) })),
      outputMark: attribute(29, u32),
      outputMarkMask: attribute(30, u32),
      interfaceId: attribute(31, u32),
    },
    // Attributes that are not known here could be keys that a newer kernel sends.
    secrets,
  )
}

/** `struct xfrm_usersa_info` and its attributes, without keys. */
export const xfrmState = messageKind(stateHeader, stateAttributes(false))
/** The same with keys, for those who ask and for making states. */
export const xfrmStateWithSecrets = messageKind(stateHeader, stateAttributes(true))

/** `struct xfrm_usersa_id`: which state. */
export const xfrmStateId = messageKind(
  struct({ destination: address, spi: be32, family: u16, protocol: u8, padding: pad(1) }),
  attributes({ mark: attribute(21, mark) }),
)

/** `struct xfrm_user_tmpl`: what a packet that the policy selects must be transformed with. */
const template = struct({
  id: identity,
  family: u16,
  familyPadding: pad(2),
  source: address,
  requestId: u32,
  mode: u8,
  share: u8,
  optional: u8,
  padding: pad(1),
  authenticationAlgorithms: u32,
  encryptionAlgorithms: u32,
  compressionAlgorithms: u32,
})

/** `struct xfrm_userpolicy_type` */
const policyType = struct({ type: u8, padding: pad(5) })

/** `struct xfrm_userpolicy_info` and its attributes. */
export const xfrmPolicy = messageKind(
  struct({
    selector,
    limits,
    usage,
    priority: u32,
    index: u32,
    direction: u8,
    action: u8,
    flags: u8,
    share: u8,
    padding: pad(4),
  }),
  attributes({
    templates: attribute(5, repeat(template)),
    type: attribute(16, policyType),
    mark: attribute(21, mark),
    interfaceId: attribute(31, u32),
  }),
)

/** `struct xfrm_userpolicy_id`: which policy. */
export const xfrmPolicyId = messageKind(
  struct({ selector, index: u32, direction: u8, padding: pad(3) }),
  attributes({ type: attribute(16, policyType), mark: attribute(21, mark), interfaceId: attribute(31, u32) }),
)

/** `struct xfrm_usersa_flush`: states of one protocol; 255 is all (IPSEC_PROTO_ANY). */
export const xfrmFlush = messageKind(struct({ protocol: u8 }), attributes({}))
/** A request that says nothing but its type, as dumps are. */
export const xfrmNothing = messageKind(struct({}), attributes({}))

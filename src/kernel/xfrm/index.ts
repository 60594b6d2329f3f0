/**
 * IPsec in the kernel: policies say which packets must be encrypted, states hold the keys. Encrypted overlay networks are
 * made of both.
 *
 * Open a `NetlinkSocket` of `NetlinkProtocol.xfrm` in the namespace. `xfrm-message.ts` has the wire, `xfrm-states.ts` and
 * `xfrm-policies.ts` the two tables, `xfrm-shapes.ts` what they share. Keys are decoded on request only.
 */
export type { XfrmAlgorithm } from './xfrm-algorithm.ts'
export {
  addXfrmPolicy,
  deleteXfrmPolicy,
  flushXfrmPolicies,
  listXfrmPolicies,
  type XfrmDirection,
  type XfrmPolicy,
  type XfrmPolicyKey,
  type XfrmPolicySettings,
  type XfrmTemplate,
} from './xfrm-policies.ts'
export type { XfrmMark, XfrmMode, XfrmProtocol, XfrmSelector } from './xfrm-shapes.ts'
export {
  addXfrmState,
  deleteXfrmState,
  flushXfrmStates,
  listXfrmStates,
  type XfrmEncapsulation,
  type XfrmState,
  type XfrmStateKey,
  type XfrmStateSettings,
} from './xfrm-states.ts'

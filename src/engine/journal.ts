/** The journal: what is under way, written before the kernel is touched, so that the next start finishes or undoes it. */
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'

/** A step that is under way. It carries what clearing up after it needs, for its objects may not be in the store yet, or no longer. */
export type Step = { readonly id: string } & (
  | {
      readonly action: 'create-network' | 'delete-network'
      readonly network: NetworkRecord
    }
  | {
      readonly action: 'create-endpoint' | 'delete-endpoint' | 'join' | 'leave'
      readonly network: NetworkRecord
      readonly endpoint: EndpointRecord
    }
  /** Everything of the endpoint is gone but its addresses, which are given back to an IPAM driver that remembers. */
  | { readonly action: 'release-addresses'; readonly network: NetworkRecord; readonly endpoint: EndpointRecord }
  | { readonly action: 'release-pools'; readonly network: NetworkRecord }
  | { readonly action: 'create-sandbox'; readonly sandbox: SandboxRecord }
  /** With the endpoints that go with it. */
  | { readonly action: 'delete-sandbox'; readonly sandbox: SandboxRecord; readonly endpoints: readonly string[] }
)

/** What is being done. */
export type StepAction = Step['action']

type WithoutId<S> = S extends { readonly id: string } ? Omit<S, 'id'> : never

/** A step without its number. */
export type NewStep = WithoutId<Step>

/**
 * The order in which unfinished steps are cleared up: interfaces leave before their endpoints go, endpoints before their
 * sandboxes and networks.
 */
export const RECOVERY_ORDER: Readonly<Record<StepAction, number>> = {
  join: 0,
  leave: 0,
  'create-endpoint': 1,
  'delete-endpoint': 1,
  'release-addresses': 2,
  'create-sandbox': 3,
  'delete-sandbox': 3,
  'create-network': 4,
  'delete-network': 4,
  'release-pools': 5,
}

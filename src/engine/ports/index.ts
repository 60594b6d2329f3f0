/**
 * Published ports, as far as they are the same whoever leads the packets: `port-plan.ts` says what a mapping means,
 * `port-holder.ts` takes ports of the host and keeps them, `port-owner.ts` says who has one, `stale-flows.ts` makes running
 * connections follow the change.
 */
export { PortHolder } from './port-holder.ts'
export { type PortPlan, planPorts, type Reach } from './port-plan.ts'
export { forgetFlowsOf, forgetFlowsToPorts } from './stale-flows.ts'

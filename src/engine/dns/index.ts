/**
 * Names: what containers call each other. `network-names.ts` is the register of one network, `zone.ts` what one sandbox sees
 * of them; `responder.ts` answers from it, `forwarder.ts` asks outside; `resolver.ts` ties both to sockets in a sandbox;
 * `sandbox-names.ts` adds its files, and `name-service.ts` serves all sandboxes. The codec is `message.ts` and around it.
 */
export { EmbeddedNames, type NameServiceInit } from './name-service.ts'
export type { NamedEndpoint, NetworkNames, ServicePort, ServiceTarget, ServiceTask } from './network-names.ts'

/**
 * The Container Network Interface: `netwright-cni` as container runtimes call it. Read `invocation.ts` and `configuration.ts` for
 * what comes in, `execute.ts` for what becomes of it, `result.ts` and `cni-error.ts` for what goes out; `attachments.ts` is how
 * CNI's containers and interfaces are the engine's sandboxes and endpoints. `plugin.ts` is the whole of the executable, apart from
 * this index, for it must not load the daemon's side (`cni-service.ts`).
 */
export { startCniService } from './cni-service.ts'
export { cniSocketPath } from './directories.ts'

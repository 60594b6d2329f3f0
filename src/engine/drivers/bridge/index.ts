/**
 * The bridge driver. Read `bridge-driver.ts` for what happens at each call; `bridge-options.ts` for what can be chosen;
 * `table.ts` and `network-rules.ts` for the rules; `bridge-device.ts`, `endpoint-link.ts` and `link-remover.ts` for the links.
 */
export { createBridgeDriver } from './bridge-driver.ts'

/**
 * Docker's plugins: found by name (`open-plugin.ts`, `find-plugin.ts`), called over HTTP (`plugin-client.ts`, one request in
 * `plugin-exchange.ts`), their answers read with care (`plugin-answer.ts`). The remote network driver and the remote address
 * manager stand on this.
 */
export type { PluginDirectories } from './find-plugin.ts'
export { openPlugin, type PluginSources } from './open-plugin.ts'
export { AnswerReader } from './plugin-answer.ts'
export { PluginClient } from './plugin-client.ts'

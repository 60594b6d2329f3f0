/** From a plugin's name to calls to it. */
import { findPlugin, type PluginDirectories } from './find-plugin.ts'
import { PluginClient, type PluginClientOptions } from './plugin-client.ts'

/** Where plugins are looked for. */
export interface PluginSources extends PluginClientOptions {
  /** Docker's when left out. */
  readonly directories?: PluginDirectories
  /** Names that are never looked for: those that this program itself answers to. */
  readonly except?: ReadonlySet<string>
}

/** What a plugin can be, as it says at its activation. */
export type PluginInterface = 'NetworkDriver' | 'IpamDriver'

/**
 * The plugin of this name that is such a thing, for the caller to close; undefined when there is none, or it is something
 * else. A plugin that has not announced itself is not waited for: the next look-up looks again.
 * @throws EngineError plugin-failed, plugin-unreachable when there is one that does not work
 */
export async function openPlugin(
  name: string,
  what: PluginInterface,
  sources: PluginSources = {},
): Promise<PluginClient | undefined> {
  if (sources.except?.has(name) === true) return undefined
  const address = await findPlugin(name, sources.directories)
  if (address === undefined) return undefined
  const client = new PluginClient(name, address, sources)
  return (await client.implements()).has(what) ? client : undefined
}

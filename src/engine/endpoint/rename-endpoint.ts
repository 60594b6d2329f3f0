/** Giving an endpoint another name or other aliases, also while it is joined. */
import { type Core, endpointRecord, mustBeOpen, networkRecord } from '../core.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import { checkName } from '../input.ts'
import type { EndpointRecord } from '../model.ts'

/** What is to be called otherwise; what is left out stays. */
export interface Renaming {
  readonly name?: string
  readonly aliases?: readonly string[]
}

/** Renames an endpoint. @throws EngineError endpoint-unknown, name-taken, name-blank */
export async function renameEndpoint(core: Core, id: string, renaming: Renaming): Promise<void> {
  mustBeOpen(core)
  const name = renaming.name === undefined ? undefined : checkName('endpoint', renaming.name)
  const aliases = renaming.aliases?.map((alias) => checkName('alias', alias))
  const { sandboxId, networkId } = endpointRecord(core, id)
  const rename = (): Promise<void> => core.locks.hold(`network:${networkId}`, () => apply(core, id, { name, aliases }))
  // Whoever answers for its names must not see it leave meanwhile.
  await (sandboxId === null ? rename() : core.locks.hold(`sandbox:${sandboxId}`, rename))
}

async function apply(
  core: Core,
  id: string,
  to: { readonly name: string | undefined; readonly aliases: readonly string[] | undefined },
): Promise<void> {
  const before = endpointRecord(core, id)
  const after: EndpointRecord = { ...before, name: to.name ?? before.name, aliases: to.aliases ?? before.aliases }
  checkUnused(core, before, after.name)
  const network = networkRecord(core, before.networkId)
  core.records.commit((change) => change.putEndpoint(after))
  const sandbox = after.sandboxId === null ? undefined : core.records.sandboxes.get(after.sandboxId)
  if (sandbox !== undefined) await core.names.rename(sandbox, network, after, before)
  core.events.tell({ type: 'endpoint-renamed', network, endpoint: after })
}

function checkUnused(core: Core, endpoint: EndpointRecord, name: string): void {
  const same = core.records.endpoints.by('name', `${endpoint.networkId} ${name}`)
  if (same.every((other) => other.id === endpoint.id)) return
  throw new EngineError('name-taken', `endpoint ${quote(name)} exists already in that network`, {
    endpoint: endpoint.id,
  })
}

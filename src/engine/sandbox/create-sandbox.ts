/** Making a sandbox: a new namespace with its files, or an adopted one. */
import { mkdirSync } from 'node:fs'
import { hasCode, KernelError, Namespace, namespacePathOfProcess } from '../../kernel/index.ts'
import { Failures } from '../collect-failures.ts'
import { type Core, mustBeOpen, reserving } from '../core.ts'
import { EngineError } from '../errors.ts'
import { checkId, newId, quote } from '../ids.ts'
import type { SandboxRecord } from '../model.ts'
import { dismantleSandbox } from './delete-sandbox.ts'
import { filesPath, makeNamespace, pin, pinPath } from './sandbox-namespace.ts'
import { type CheckedSettings, checkSandboxSpec, type SandboxSpec } from './sandbox-spec.ts'

/**
 * Makes a sandbox.
 * @throws EngineError sandbox-exists, name-blank, sandbox-gone when the namespace to adopt does not exist, kernel-refused;
 *   nothing is left of it then
 */
export async function createSandbox(core: Core, spec: SandboxSpec): Promise<SandboxRecord> {
  mustBeOpen(core)
  const settings = checkSandboxSpec(spec)
  const id = spec.id === undefined ? newId() : checkId(spec.id)
  const taken = (): EngineError =>
    new EngineError('sandbox-exists', `container ${quote(settings.containerId)} has a sandbox already`)
  if (core.records.sandboxes.by('container', settings.containerId).length > 0) throw taken()
  if (core.records.sandboxes.get(id) !== undefined) throw taken()
  return reserving(core, [`container ${settings.containerId}`, `sandbox ${id}`], taken, () =>
    core.locks.hold(`sandbox:${id}`, async () => {
      const namespace = openOrMake(core, spec)
      try {
        const sandbox = describeSandbox(core, id, spec, settings, namespace)
        await realise(core, sandbox, namespace)
        core.events.tell({ type: 'sandbox-created', sandbox })
        return sandbox
      } finally {
        namespace.close()
      }
    }),
  )
}

function openOrMake(core: Core, spec: SandboxSpec): Namespace {
  if (spec.host === true) return Namespace.open({ fd: core.surroundings.host.fd })
  if (spec.pid === undefined && spec.path === undefined) return makeNamespace(core.surroundings.host)
  const source = spec.pid === undefined ? { path: spec.path! } : { pid: spec.pid }
  try {
    return Namespace.open(source)
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    const what = spec.pid === undefined ? spec.path! : `process ${spec.pid}`
    const reason = hasCode(error, 'EINVAL')
      ? 'is no network namespace'
      : `has no network namespace to adopt (${error.message})`
    throw new EngineError('sandbox-gone', `${quote(what)} ${reason}`, { cause: error })
  }
}

function describeSandbox(
  core: Core,
  id: string,
  spec: SandboxSpec,
  settings: CheckedSettings,
  namespace: Namespace,
): SandboxRecord {
  const { run } = core.surroundings
  const origin =
    spec.host === true ? 'host' : spec.pid !== undefined ? 'pid' : spec.path !== undefined ? 'path' : 'created'
  const key = spec.pid !== undefined ? namespacePathOfProcess(spec.pid) : (spec.path ?? pinPath(run, id))
  return {
    id,
    ...settings,
    origin,
    key,
    inode: namespace.identity.inode,
    files: filesPath(run, id),
    created: new Date().toISOString(),
  }
}

async function realise(core: Core, sandbox: SandboxRecord, namespace: Namespace): Promise<void> {
  const step = core.records.begin({ action: 'create-sandbox', sandbox })
  try {
    mkdirSync(sandbox.files, { recursive: true, mode: 0o755 })
    if (sandbox.origin === 'created' || sandbox.origin === 'host') pin(namespace, sandbox.key)
    await core.names.openSandbox(sandbox, namespace)
    core.records.commit((change) => {
      change.putSandbox(sandbox)
      change.finish(step)
    })
  } catch (error) {
    const failures = new Failures()
    failures.add(error)
    await dismantleSandbox(core, sandbox, step, failures)
    failures.throwIfAny(`the sandbox of container ${quote(sandbox.containerId)} could not be created`)
    throw error
  }
}

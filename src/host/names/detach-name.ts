/** Taking a name in /run/netns away. */
import { unlinkSync } from 'node:fs'
import { hasCode, unpinNamespace } from '../../kernel/index.ts'
import { isOurs } from './judge-name.ts'
import { checkName, namePath } from './name.ts'
import { type NameEntry, readNameEntry } from './name-entry.ts'
import { NameForeignError, NameUnknownError } from './name-errors.ts'
import type { NameRecords } from './name-records.ts'

/**
 * Unmounts and removes a name. The namespace itself ends only when nothing else holds it.
 * @param force also take away a name that others gave
 * @throws NameUnknownError when there is no such name
 * @throws NameForeignError when others gave it and `force` was not asked for, or when it is no name of a namespace at all
 */
export function detachName(name: string, force: boolean, records: NameRecords): void {
  checkName(name)
  const entry = readNameEntry(name)
  const record = records.read(name)
  if (entry === undefined) {
    // The mount went without us: after a reboot, or by `ip netns del`.
    records.remove(name)
    throw new NameUnknownError(`there is no name ${name} in /run/netns`)
  }
  if (entry.kind === 'other') throw new NameForeignError(`${namePath(name)} is no namespace's name; it is left alone`)
  if (!force && !isOurs(entry, record)) {
    throw new NameForeignError(
      `the name ${name} was not given by netwright ns attach; --force takes it away all the same`,
    )
  }
  removeEntry(entry)
  records.remove(name)
}

/** Takes a mount, a link or a file out of /run/netns. What a link leads to is not touched. */
export function removeEntry(entry: NameEntry): void {
  const path = namePath(entry.name)
  if (entry.kind === 'mount') {
    unpinNamespace(path)
    return
  }
  try {
    unlinkSync(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

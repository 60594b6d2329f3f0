/** Units of systemd that run in a network namespace of their own, by control group (PrivateNetwork=, systemd-nspawn). */
import { processSource, type Word } from './claims-by-process.ts'
import { NAME_LIMIT } from './foreign-value.ts'
import type { OwnerSource } from './owner-source.ts'

/** systemd as a source of owners. */
export function systemdSource(): OwnerSource {
  return processSource('systemd', ({ cgroup }) => unitOf(cgroup))
}

/** The machine or service of a control group path. */
export function unitOf(cgroup: string): Word | undefined {
  const elements = cgroup.split('/')
  const machine = elements.find(
    (element) => /^machine-.+\.scope$/.test(element) || /^systemd-nspawn@.+\.service$/.test(element),
  )
  if (machine !== undefined) return word(machine, machineName(machine), 'container')
  // Services of a user stand below the user's manager, which is a service itself and tells nothing.
  const service = elements.findLast((element) => element.endsWith('.service'))
  if (service === undefined || /^user@\d+\.service$/.test(service)) return undefined
  return word(service, service, 'anonymous')
}

function machineName(unit: string): string {
  const name = /^(?:machine-|systemd-nspawn@)(.+)\.(?:scope|service)$/.exec(unit)?.[1] ?? unit
  // systemd.unit(5): in unit names, `\x2d` stands for the dash.
  return name.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function word(unit: string, name: string, role: Word['role']): Word {
  return {
    role,
    owner: { runtime: 'systemd', id: unit.slice(0, NAME_LIMIT), name: name.slice(0, NAME_LIMIT), labels: {} },
  }
}

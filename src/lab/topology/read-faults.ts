/** `faults:` of a lab file: what `lab fault` does to links, and when. */
import type { LabFile, Value } from './lab-file.ts'
import { parseDuration } from './quantities.ts'
import { readImpairment } from './read-impairment.ts'
import type { ScheduledFault } from './topology.ts'

const KNOWN = ['link', 'action', 'at', 'lasts', 'every', 'impairment'] as const
const ACTIONS = ['down', 'up', 'flap', 'impair', 'clear'] as const

/** Reads the schedule. @param ends `NODE:INTERFACE` of every end of a link */
export function readFaults(file: LabFile, value: Value, ends: ReadonlySet<string>): readonly ScheduledFault[] {
  return file.items(value, 'faults').flatMap((item) => {
    const fields = file.fields(item, 'a fault', KNOWN)
    const link = file.text(fields.link, 'link of a fault')
    const action = file.choice(fields.action, 'action of a fault', ACTIONS)
    const impairment = readImpairment(file, fields.impairment, 'impairment of a fault')
    const seconds = (field: 'at' | 'lasts' | 'every') => readSeconds(file, fields[field], field)
    if (link === undefined || action === undefined) {
      if (fields.link === undefined || fields.action === undefined)
        file.mistake(item, 'a fault has a link and an action')
      return []
    }
    if (!ends.has(link)) file.mistake(fields.link, `no link of this lab ends at ${link}; write NODE:INTERFACE`)
    if (action === 'impair' && impairment === undefined) file.mistake(item, 'a fault that impairs has an impairment')
    if (action === 'flap' && fields.lasts === undefined) file.mistake(item, 'a flap says how long it lasts')
    const [at = 0, lasts, every] = [seconds('at'), seconds('lasts'), seconds('every')]
    if (every !== undefined && every <= 0) file.mistake(fields.every, 'every must be longer than nothing')
    return [{ link, action, at, lasts, every, impairment, position: file.positionOf(item) }]
  })
}

function readSeconds(file: LabFile, value: Value, field: string): number | undefined {
  const text = file.text(value, `${field} of a fault`)
  if (text === undefined) return undefined
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined) return milliseconds / 1000
  return file.mistake(value, `${field} of a fault must be a time like 10s or 500ms`)
}

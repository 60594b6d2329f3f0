/** Checks of what comes from outside: names, options and labels are bounded and hold no control characters. */
import { EngineError } from './errors.ts'
import { quote } from './ids.ts'
import type { Labels } from './model.ts'

const LONGEST_NAME = 255
const LONGEST_VALUE = 64 * 1024
const MOST_LABELS = 1024

/** A name without the space around it. @throws EngineError name-blank, option-invalid */
export function checkName(noun: string, name: string): string {
  const trimmed = typeof name === 'string' ? name.trim() : ''
  if (trimmed === '') throw new EngineError('name-blank', `a ${noun} needs a name`)
  if (trimmed.length > LONGEST_NAME || /[\p{Cc}\p{Zl}\p{Zp}/]/u.test(trimmed)) {
    throw new EngineError(
      'option-invalid',
      `${quote(trimmed)} cannot be the name of a ${noun}: up to ${LONGEST_NAME} characters, no slash, no control characters`,
    )
  }
  return trimmed
}

/** Options or labels as they were given. @throws EngineError option-invalid */
export function checkLabels(noun: string, labels: Labels): Labels {
  const entries = Object.entries(labels)
  if (entries.length > MOST_LABELS) throw new EngineError('option-invalid', `more than ${MOST_LABELS} ${noun}s`)
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new EngineError('option-invalid', `the ${noun} ${quote(key)} is not a text`)
    if (
      key === '' ||
      key.length > LONGEST_NAME ||
      value.length > LONGEST_VALUE ||
      key.includes('\0') ||
      value.includes('\0')
    ) {
      throw new EngineError('option-invalid', `the ${noun} ${quote(key)} is too long, or has no name`)
    }
  }
  return labels
}

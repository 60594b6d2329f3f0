/** Checks documents against the published schemas. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

const SCHEMAS = join(import.meta.dirname, '../../schemas')
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false })
const checks = new Map<string, ValidateFunction>()

/** What is wrong with a document by `schemas/NAME.v1.json`; nothing when it is right. */
export function schemaFaults(name: string, document: unknown): string[] {
  let check = checks.get(name)
  if (check === undefined) {
    check = ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, `${name}.v1.json`), 'utf8')))
    checks.set(name, check)
  }
  if (check(document)) return []
  return (check.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message} ${JSON.stringify(fault.params)}`)
}

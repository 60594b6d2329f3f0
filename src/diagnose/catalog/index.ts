/** The catalogue of findings: `finding-code.ts` has the names, `entries/` what each means, `page.ts` its page in docs/. */
export { catalogue, catalogueEntry } from './catalogue.ts'
export type { CatalogueEntry } from './entry.ts'
export { type CatalogueExample, EXAMPLES } from './examples.ts'
export { FINDING_CODES, type FindingCode } from './finding-code.ts'

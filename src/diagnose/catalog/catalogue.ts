/** The catalogue: what each code means, how it arises, how it is detected and how it is mended. */
import { BRIDGE_ENTRIES } from './entries/bridges.ts'
import { FILTER_ENTRIES } from './entries/filters.ts'
import { LINK_ENTRIES } from './entries/links.ts'
import { NAMESPACE_ENTRIES } from './entries/namespaces.ts'
import { ROUTE_ENTRIES } from './entries/routes.ts'
import { SERVICE_ENTRIES } from './entries/services.ts'
import type { CatalogueEntry } from './entry.ts'
import { FINDING_CODES, type FindingCode } from './finding-code.ts'

const BY_CODE = new Map<FindingCode, CatalogueEntry>(
  [
    ...NAMESPACE_ENTRIES,
    ...LINK_ENTRIES,
    ...BRIDGE_ENTRIES,
    ...ROUTE_ENTRIES,
    ...FILTER_ENTRIES,
    ...SERVICE_ENTRIES,
  ].map((entry) => [entry.code, entry]),
)

/** What the catalogue says of a code. */
export function catalogueEntry(code: FindingCode): CatalogueEntry {
  return BY_CODE.get(code)!
}

/** All of it, in the order of the codes. */
export function catalogue(): readonly CatalogueEntry[] {
  return FINDING_CODES.map(catalogueEntry)
}

/** Picking single rules out of a listing in nft's own notation. */
import type { NftTableName } from './objects.ts'

/**
 * The rules of one table of a listing by their handle, as `nft list` prints them, without indentation and handle.
 * A rule is one line of a chain block, indented by two tabs, that ends with its handle. Comments and log prefixes of rules
 * may hold line ends and so forge a line; the forged handle is then there twice, and such rules are left out.
 */
export function parseRuleTexts(listing: string, table: NftTableName): Map<number, string> {
  const texts = new Map<number, string>()
  const doubtful = new Set<number>()
  const heading = `table ${table.family} ${table.name} {`
  let inTable = false
  let inChain = false
  for (const line of listing.split('\n')) {
    if (/^\S/.test(line)) inTable = line.startsWith(heading)
    else if (/^\t\S/.test(line)) inChain = line.startsWith('\tchain ')
    const rule = inTable && inChain ? /^\t\t(\S.*) # handle (\d+)$/.exec(line) : null
    if (rule === null) continue
    const handle = Number(rule[2])
    if (texts.has(handle)) doubtful.add(handle)
    texts.set(handle, rule[1]!)
  }
  for (const handle of doubtful) texts.delete(handle)
  return texts
}

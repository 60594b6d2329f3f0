/** How what the bridge driver makes is told from what others made. */

/** Group of links that are to be deleted together; `netw` in ASCII, since the numbers below are handed out by people. */
export const RETIRED_GROUP = 0x6e657477

/** Protocol number of our addresses and routes (IFA_PROTO, RTA_PROTOCOL), by which they are recognised. */
export const OWN_PROTOCOL = 90

const PREFIX = 'netwright:'

/** Alias of a link that belongs to a network or an endpoint. */
export function aliasOf(id: string): string {
  return `${PREFIX}${id}`
}

/** The network or endpoint that a link belongs to; undefined for links of others. */
export function ownerOf(alias: string | undefined): string | undefined {
  return alias?.startsWith(PREFIX) === true ? alias.slice(PREFIX.length) : undefined
}

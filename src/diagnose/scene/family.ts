/** Families of addresses. */

/** IPv4 or IPv6. */
export type Family = 'ipv4' | 'ipv6'

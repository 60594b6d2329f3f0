/** What `top` can show, and by what it can be sorted: words of its options. */

/** The views. */
export const TOP_VIEWS = ['namespaces', 'links', 'connections'] as const
/** Columns that rows can be sorted by. */
export const TOP_ORDERS = ['traffic', 'received', 'sent', 'name', 'cpu', 'memory'] as const

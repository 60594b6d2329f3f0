/** Keys of interfaces in a graph: `<namespace>/<index>`. */
import type { NamespaceKey } from './observed.ts'

/** Key of an interface. */
export function interfaceId(namespace: NamespaceKey, index: number): string {
  return `${namespace}/${index}`
}

/** Orders keys by namespace, then by index; inode numbers as numbers, so that the order is the one people expect. */
export function compareInterfaceIds(a: string, b: string): number {
  const [namespaceA, indexA] = split(a)
  const [namespaceB, indexB] = split(b)
  return namespaceA === namespaceB ? indexA - indexB : compareKeys(namespaceA, namespaceB)
}

/** Orders namespace keys: inodes by number, others behind them by text. */
export function compareKeys(a: NamespaceKey, b: NamespaceKey): number {
  const difference = Number(a) - Number(b)
  if (!Number.isNaN(difference)) return difference
  return a < b ? -1 : a > b ? 1 : 0
}

function split(id: string): [NamespaceKey, number] {
  const slash = id.lastIndexOf('/')
  return [id.slice(0, slash), Number(id.slice(slash + 1))]
}

/** Reads the tables of a namespace under watch; returns what differs from what was known. */
import type { Namespace } from '../../kernel/index.ts'
import type { NamespaceTables, Observer } from '../survey/observer.ts'
import { openSighting } from '../survey/open-sighting.ts'
import type { KnownNamespace } from './known-namespaces.ts'
import type { ObjectDifference } from './watched-namespace.ts'

/** What was read through the observer. */
export interface ObserverReading {
  readonly links: NamespaceTables['links']
  readonly differences: readonly ObjectDifference[]
}

/** Reads links and addresses; undefined when the namespace is gone, which is announced separately. */
export function readThroughObserver(namespace: KnownNamespace, observer: Observer): ObserverReading | undefined {
  const tables = observer.read(namespace.id)
  if (tables === undefined) return undefined
  return { links: tables.links, differences: namespace.tables.replaceLinks(tables) }
}

/** Reads what needs a socket inside: routes, rules, neighbours, forwarding entries. Nothing where it cannot be entered. */
export function readInside(namespace: KnownNamespace, observer: Observer): ObjectDifference[] {
  return inside(namespace, observer, (opened) => namespace.tables.readInside(opened))
}

/** Reads the routes alone. */
export function readRoutes(namespace: KnownNamespace, observer: Observer): ObjectDifference[] {
  return inside(namespace, observer, (opened) => namespace.tables.readRoutes(opened))
}

function inside(
  namespace: KnownNamespace,
  observer: Observer,
  read: (opened: Namespace) => ObjectDifference[],
): ObjectDifference[] {
  const opened = namespace.sighting === undefined ? undefined : openSighting(namespace.sighting)
  if (opened === undefined) return []
  try {
    // It was found by its inode, which may be another namespace's by now.
    return observer.idOf(opened.fd) === namespace.id ? read(opened) : []
  } finally {
    opened.close()
  }
}

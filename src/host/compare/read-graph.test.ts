import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dockerHost, hostileHost, overlayHost } from '../../../test/fixtures/graphs/worlds.ts'
import { outlineGraph } from '../pictures/index.ts'
import { compareGraphs } from './compare-graphs.ts'
import { readGraph } from './read-graph.ts'
import { GraphFormatError } from './shape.ts'

const copy = (value: unknown) => JSON.parse(JSON.stringify(value))

test('a saved graph is read back as it was', () => {
  for (const graph of [dockerHost(), overlayHost()]) expect(readGraph(copy(graph))).toEqual(graph)
})

test('fields of later versions are let through', () => {
  const graph = { ...dockerHost(), mood: 'good' }
  expect(readGraph(copy(graph))).toEqual(graph)
})

describe('a document that is no graph is refused with the field that is wrong', () => {
  test.each([
    [null, 'the document must be an object'],
    [[], 'the document must be an object'],
    [{}, 'schema must be "netwright/graph/v1"'],
    [{ ...dockerHost(), interfaces: {} }, 'interfaces must be a list'],
    [{ ...dockerHost(), namespaces: [null] }, 'namespaces[0] must be an object'],
  ])('%#', (document, message) => {
    expect(() => readGraph(document)).toThrow(new GraphFormatError(message))
  })

  test.each([
    ['mtu', '1500', 'interfaces[1].mtu must be a whole number'],
    ['up', 1, 'interfaces[1].up must be true or false'],
    ['addresses', ['a', 2], 'interfaces[1].addresses[1] must be a string'],
    ['details', null, 'interfaces[1].details must be an object'],
    ['master', undefined, 'interfaces[1].master must be a string'],
    ['id', dockerHost().interfaces[0]!.id, 'interfaces[1].id is that of another one before it'],
  ])('%s of an interface', (field, value, message) => {
    const document = copy(dockerHost())
    document.interfaces[1][field] = value
    expect(() => readGraph(document)).toThrow(new GraphFormatError(message))
  })

  test('what only the prototype has is missing', () => {
    const document = JSON.parse(JSON.stringify(dockerHost()).replace('"labels":{}', '"__proto__":{"labels":{}}'))
    expect(() => readGraph(document)).toThrow(/owners\[0\]\.labels must be an object/)
  })
})

test('any JSON is either refused or can be drawn and compared', () => {
  const graph = dockerHost()
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(...mutations()), (json, mutate) => {
      const document = mutate(copy(graph), JSON.parse(json))
      try {
        const read = readGraph(document)
        compareGraphs(graph, read)
        compareGraphs(read, graph)
        outlineGraph(read)
      } catch (error) {
        expect(error).toBeInstanceOf(GraphFormatError)
      }
    }),
  )
})

test('references that lead nowhere, or in circles, harm nothing', () => {
  const document = copy(hostileHost())
  for (const node of document.interfaces) node.master = node.id
  for (const link of document.links) link.to = link.from
  const read = readGraph(document)
  expect(compareGraphs(read, hostileHost()).length).toBeGreaterThan(0)
  expect(outlineGraph(read).length).toBeGreaterThan(0)
  const empty = readGraph({ ...document, namespaces: [], interfaces: [] })
  expect(() => [outlineGraph(empty), compareGraphs(empty, read), compareGraphs(read, empty)]).not.toThrow()
})

/** Ways to put any value somewhere into a graph. */
function mutations(): ((document: Record<string, unknown[]>, value: unknown) => unknown)[] {
  const lists = ['namespaces', 'interfaces', 'links', 'networks'] as const
  return [
    (_, value) => value,
    ...lists.map((list) => (document: Record<string, unknown[]>, value: unknown) => ({ ...document, [list]: value })),
    ...lists.map((list) => (document: Record<string, unknown[]>, value: unknown) => {
      const [first, ...rest] = document[list] as Record<string, unknown>[]
      const changed = typeof value === 'object' && value !== null ? { ...first, ...value } : value
      return { ...document, [list]: [changed, ...rest] }
    }),
  ]
}

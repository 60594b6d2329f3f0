import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GridPlan, placeWires } from './wire-channels.ts'

const end = (columns: number, rows: number) =>
  fc.record({
    cell: fc.record({ row: fc.nat(rows - 1), column: fc.nat(columns - 1) }),
    offset: fc.integer({ min: 30, max: 90 }),
  })

const plans: fc.Arbitrary<GridPlan> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([columns, rows]) =>
    fc.record({
      columns: fc.constant(columns),
      cardWidth: fc.constant(200),
      channelWidth: fc.integer({ min: 34, max: 120 }),
      heights: fc.array(fc.constant(100), { minLength: rows, maxLength: rows }),
      wires: fc.array(fc.record({ from: end(columns, rows), to: end(columns, rows) }), { maxLength: 25 }),
    }),
  )

test('wires run right-angled, from card to card, and cross no card', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const grid = placeWires(plan)
      plan.wires.forEach((wire, at) => {
        const points = grid.paths[at]!
        for (const [which, point] of [
          [wire.from, points[0]!],
          [wire.to, points.at(-1)!],
        ] as const) {
          const left = grid.columnLeft[which.cell.column]!
          expect([left, left + plan.cardWidth]).toContain(point[0])
          expect(Math.abs(point[1] - grid.rowTop[which.cell.row]! - which.offset)).toBeLessThanOrEqual(3)
        }
        for (let step = 1; step < points.length; step++) {
          const [[x1, y1], [x2, y2]] = [points[step - 1]!, points[step]!]
          expect(x1 === x2 || y1 === y2).toBe(true)
          expect(
            crossesCard(plan, grid, [Math.min(x1, x2), Math.max(x1, x2)], [Math.min(y1, y2), Math.max(y1, y2)]),
          ).toBe(false)
        }
      })
    }),
    { numRuns: 60 },
  )
})

test('no two wires run upon each other within a channel', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const grid = placeWires(plan)
      const uprights = grid.paths.flatMap((points) =>
        points
          .slice(1)
          .flatMap(([x, y], step) =>
            points[step]![0] === x ? [[x, Math.min(y, points[step]![1]), Math.max(y, points[step]![1])]] : [],
          ),
      )
      uprights.forEach(([x, top, bottom], at) => {
        for (const [x2, top2, bottom2] of uprights.slice(at + 1)) {
          expect(x !== x2 || top2! >= bottom! || top! >= bottom2!).toBe(true)
        }
      })
    }),
    { numRuns: 60 },
  )
})

test('ends at the same height of cards side by side are joined by a straight line', () => {
  const cell = (column: number) => ({ cell: { row: 0, column }, offset: 40 })
  const grid = placeWires({
    columns: 2,
    cardWidth: 200,
    channelWidth: 100,
    heights: [100],
    wires: [{ from: cell(0), to: cell(1) }],
  })
  expect(grid.paths[0]).toHaveLength(2)
})

function crossesCard(
  plan: GridPlan,
  grid: ReturnType<typeof placeWires>,
  [x1, x2]: number[],
  [y1, y2]: number[],
): boolean {
  return grid.columnLeft.some((left) =>
    grid.rowTop.some((top, row) => {
      const [right, bottom] = [left + plan.cardWidth, top + plan.heights[row]!]
      return x1! < right && x2! > left && y1! < bottom && y2! > top
    }),
  )
}

/** Parts of the drawing: each knows its size before it is put anywhere. */

/** A part of a known size. */
export interface Block {
  readonly width: number
  readonly height: number
  /** Draws it with its upper left corner at a point. */
  draw(x: number, y: number): string
}

/** Sizes that all parts share, in pixels; the drawing is meant to be shown 1,200 wide. */
export const Size = {
  page: 1200,
  margin: 24,
  padding: 20,
  card: 206,
  gap: 14,
} as const

/** Blocks beneath each other. */
export function stack(blocks: readonly Block[], gap: number): Block {
  const height = blocks.reduce((sum, block) => sum + block.height, 0) + gap * Math.max(0, blocks.length - 1)
  return {
    width: Math.max(0, ...blocks.map((block) => block.width)),
    height,
    draw(x, y) {
      let top = y
      return blocks
        .map((block) => {
          const drawn = block.draw(x, top)
          top += block.height + gap
          return drawn
        })
        .join('')
    },
  }
}

/** Blocks beside each other, in as many rows as `width` needs. */
export function wrap(blocks: readonly Block[], width: number, gap: number): Block {
  return stack(
    rowsOf(blocks, width, gap).map((row) => beside(row, gap)),
    gap,
  )
}

/** Blocks in rows of at most `width`. */
export function rowsOf<T extends Block>(blocks: readonly T[], width: number, gap: number): T[][] {
  const rows: T[][] = []
  let used = 0
  for (const block of blocks) {
    const row = rows.at(-1)
    if (row === undefined || used + gap + block.width > width) {
      rows.push([block])
      used = block.width
    } else {
      row.push(block)
      used += gap + block.width
    }
  }
  return rows
}

/** Blocks beside each other. */
export function beside(blocks: readonly Block[], gap: number): Block {
  return {
    width: blocks.reduce((sum, block) => sum + block.width, 0) + gap * (blocks.length - 1),
    height: Math.max(...blocks.map((block) => block.height)),
    draw(x, y) {
      let left = x
      return blocks
        .map((block) => {
          const drawn = block.draw(left, y)
          left += block.width + gap
          return drawn
        })
        .join('')
    },
  }
}

/** Words in lab files that stand for something of the lab: the field's `__clabNodeName__` and its like, and our `__n__`. */
import { withNumber } from './ranges.ts'

/** What the words stand for. */
export interface MagicWords {
  readonly lab: string
  readonly node: string
  /** Number of the node in its range. */
  readonly number: string | undefined
  /** Folder of the lab's files: `FOLDER/clab-LAB`. */
  readonly labFolder: string
}

/** Replaces the words in every text of a value. */
export function replaceMagicWords<T>(value: T, words: MagicWords): T {
  if (typeof value === 'string') return replaced(value, words) as T
  if (Array.isArray(value)) return value.map((item) => replaceMagicWords(item, words)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [replaced(key, words), replaceMagicWords(item, words)]),
  ) as T
}

function replaced(text: string, { lab, node, number, labFolder }: MagicWords): string {
  if (!text.includes('__')) return text
  return withNumber(text, number)
    .replaceAll('__clabLabName__', lab)
    .replaceAll('__clabNodeName__', node)
    .replaceAll('__clabNodeDir__', `${labFolder}/${node}`)
    .replaceAll('__clabDir__', labFolder)
}

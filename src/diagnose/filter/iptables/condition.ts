/** Questions about a packet. */
import type { Passage } from '../passage.ts'

/** Whether a condition is met; undefined when nobody can tell. */
export type Condition = (passage: Passage) => boolean | undefined

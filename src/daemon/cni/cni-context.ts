/** What CNI calls are carried out with. */
import type { Controller } from '../../engine/index.ts'
import type { Namespace } from '../../kernel/index.ts'

/** The engine, and the namespace that it takes for the host's. */
export interface CniContext {
  readonly controller: Controller
  readonly host: Namespace
}

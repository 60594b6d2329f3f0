/**
 * Words for namespaces. `target.ts` says which words there are, `resolve-target.ts` finds the namespace that one means in a
 * graph, `open-target.ts` opens it; `namespace-words.ts` goes the other way, from a namespace to the words for it.
 */
export { isNetwork, namespaceLabel, namespaceOf, namespaceWords, ownerWords, shortId } from './namespace-words.ts'
export { openTarget } from './open-target.ts'
export { type ResolvedTarget, resolveTarget } from './resolve-target.ts'
export { parseTarget, TARGET_RUNTIMES, type Target } from './target.ts'
export {
  TargetAmbiguousError,
  type TargetChoice,
  TargetError,
  TargetGoneError,
  TargetUnknownError,
} from './target-errors.ts'

/**
 * What would be. `suppose.ts` takes one command and gives the scene after it; `located-command.ts` finds out where it would
 * run, `ip/`, `bridge/` and `suppose-setting.ts` change parts of a `SupposedPlace`, and `filter/` tries rules on a copy of the
 * rule set in a namespace of our own.
 */
export { suppose } from './suppose.ts'
export { WhatIfError } from './what-if-error.ts'

/** What mends a cause, together with what went with it: an interface that went down has taken its routes along. */
import type { FindingCode } from '../catalog/finding-code.ts'
import type { Fix } from '../finding.ts'
import type { Flow } from '../path/flow.ts'
import { predict } from '../path/predict.ts'
import type { Cause } from '../path/prediction.ts'
import { together } from '../remedy/together.ts'
import type { Scene } from '../scene/scene.ts'
import { suppose, WhatIfError } from '../what-if/index.ts'

/** What the kernel takes away with an interface, or with its last address, and does not give back. */
const TAKEN_ALONG: ReadonlySet<FindingCode> = new Set(['route-missing', 'return-route-missing', 'address-missing'])
const MOST_STEPS = 3

/** Adds what would still be missing in the same namespace once the fix is applied. What cannot be supposed stays as it is. */
export function wholeFix(scene: Scene, flow: Flow, cause: Cause, fix: Fix): Fix {
  let whole = fix
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = whatIsLeft(scene, flow, whole.commands)
    if (next === undefined || next.cause.where.namespace !== cause.where.namespace) return whole
    if (!TAKEN_ALONG.has(next.cause.code)) return whole
    whole = together(whole, next.fix)
  }
  return whole
}

function whatIsLeft(
  scene: Scene,
  flow: Flow,
  commands: readonly string[],
): { readonly cause: Cause; readonly fix: Fix } | undefined {
  const supposed: Scene[] = []
  try {
    for (const command of commands) supposed.push(suppose(supposed.at(-1) ?? scene, command))
    const after = supposed.at(-1) ?? scene
    const { cause, fix } = predict(after, flowIn(after, flow))
    return cause === null || fix === null ? undefined : { cause, fix }
  } catch (error) {
    if (error instanceof WhatIfError) return undefined
    throw error
  } finally {
    for (const one of supposed.toReversed()) one.close()
  }
}

/** The same flow, between the namespaces as they would be. */
function flowIn(scene: Scene, flow: Flow): Flow {
  const { from, to } = flow
  return { ...flow, from: scene.place(from.inode), to: to === undefined ? undefined : scene.place(to.inode) }
}

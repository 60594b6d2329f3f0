/**
 * What diagnosis looks at. `place.ts` and `scene.ts` are the contract; `take-scene.ts` takes a scene of this host, whose
 * places (`kernel/`) read each part of the kernel when somebody asks for it. `fib/` is a routing table of our own, for what
 * the kernel does not tell and for changes that are only supposed.
 */
export { SceneError } from './scene-error.ts'
export { type TakeSceneOptions, takeScene } from './take-scene.ts'

/**
 * What uses the network. `top-sampler.ts` reads the counters of namespaces (`watched-place.ts`) and tells what changed;
 * `top-report.ts` is the document.
 */
export type { TopConnection, TopLink, TopNamespace, TopReport, TrafficRates } from './top-report.ts'
export { TopSampler } from './top-sampler.ts'
export type { TopPlace } from './watched-place.ts'

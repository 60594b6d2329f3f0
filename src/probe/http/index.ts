/** HTTP: `fetch.ts` makes one request, and times its phases. */
export {
  type Certificate,
  type Fetch,
  type FetchInit,
  type FetchOutcome,
  type FetchPhases,
  fetchUrl,
} from './fetch.ts'

/** Between the types of the API's schemas and those of the engine. The compiler refuses schemas that do not go with them. */

/** The same, with properties that may be there as undefined: the schemas' type of a property that may be left out. */
type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { [K in keyof T]: Loose<T[K]> | undefined }
    : T

/** The same, writable: the schemas' type of an answer. */
type Writable<T> = T extends readonly (infer E)[]
  ? Writable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T

/** A checked body as the engine's own type. It came from JSON, which has no undefined: what is not given is not there. */
export function asGiven<T>(body: Loose<T>): T {
  return body as T
}

/** An answer as the schemas' type: nobody writes to it. */
export function asAnswer<T>(view: T): Writable<T> {
  return view as Writable<T>
}

/** How a route of libnetwork's HTTP API reads its request and writes its answer. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type EngineError, isEngineError } from '../../engine/index.ts'
import { type FailureStatus, STATUS_OF } from '../api/failure-answer.ts'

/** Something that the requester named and that is not there: 404, with this message. */
export class Missing extends Error {}

/** What a request led to. */
export interface Outcome {
  readonly status: 200 | 201
  /** Nothing is written when it is undefined. */
  readonly value?: unknown
}

/** It is done, and there is nothing to say. */
export const done: Outcome = { status: 200 }
/** An answer. */
export const ok = (value: unknown): Outcome => ({ status: 200, value })
/** The id of what was made. */
export const created = (id: string): Outcome => ({ status: 201, value: id })

/** A request. */
export interface Asked {
  param(name: string): string
  /** The first of these that the query has, with its value; an empty name and value when it has none. */
  query(...names: string[]): readonly [name: string, value: string]
  /** Undefined when the body is empty. */
  readonly body: unknown
}

/** Answers a request. */
export type Handler = (asked: Asked) => Outcome | Promise<Outcome>

/** Routes below one path. */
export class Routes {
  readonly #app: OpenAPIHono
  readonly #base: string

  constructor(app: OpenAPIHono, base: string) {
    this.#app = app
    this.#base = base
  }

  get(path: string, handler: Handler): void {
    this.#app.get(this.#base + path, (c) => respond(c, handler))
  }

  post(path: string, handler: Handler): void {
    this.#app.post(this.#base + path, (c) => respond(c, handler))
  }

  delete(path: string, handler: Handler): void {
    this.#app.delete(this.#base + path, (c) => respond(c, handler))
  }
}

async function respond(c: Context, handler: Handler): Promise<Response> {
  try {
    const text = await c.req.text()
    const { status, value } = await handler({
      param: (name) => c.req.param(name) ?? '',
      query: (...names) => {
        const name = names.find((candidate) => c.req.query(candidate) !== undefined)
        return name === undefined ? ['', ''] : [name, c.req.query(name) ?? '']
      },
      body: text === '' ? undefined : JSON.parse(text),
    })
    return value === undefined ? c.body(null, status) : c.json(value as never, status)
  } catch (error) {
    if (error instanceof Missing) return c.text(`${error.message}\n`, 404)
    if (error instanceof SyntaxError) return c.text(`Invalid body: ${error.message}\n`, 400)
    if (isEngineError(error)) return c.text(`${error.message}\n`, statusOf(error))
    throw error
  }
}

/** There is no 409 in this API: what is taken already is forbidden. */
function statusOf({ failure }: EngineError): FailureStatus {
  return failure === 'conflict' ? 403 : STATUS_OF[failure]
}

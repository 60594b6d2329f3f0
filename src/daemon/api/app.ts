/** The API: every route, its document, and how requests that fail are answered. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { addLibnetworkRoutes } from '../libnetwork/routes.ts'
import type { ApiContext } from './api-context.ts'
import { addEndpointRoutes } from './endpoint-routes.ts'
import { answerOfError, answerOfFaults, type FailureAnswer, failureAnswer } from './failure-answer.ts'
import { addNetworkRoutes } from './network-routes.ts'
import { addSandboxRoutes } from './sandbox-routes.ts'
import { addSystemRoutes } from './system-routes.ts'

/** Largest body of a request, in bytes: no list of options comes near it. */
const LARGEST_BODY = 4 * 1024 * 1024

/** What the API tells of each request that it has answered. */
export interface AnsweredRequest {
  readonly method: string
  /** The route, with its parameters' names instead of their values. */
  readonly route: string
  readonly status: number
  readonly seconds: number
  /** What was thrown, when that was not the requester's fault. */
  readonly error: unknown
}

/** What an app is made of. */
export interface AppParts {
  readonly context: ApiContext
  readonly libnetwork: Parameters<typeof addLibnetworkRoutes>[1]
  answered(request: AnsweredRequest): void
}

/** The app: `fetch` answers requests. */
export function createApp({ context, libnetwork, answered }: AppParts): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (!result.success) return answer(c, answerOfFaults(result.target, result.error.issues))
      return undefined
    },
  })
  app.use(async (c, next) => {
    const started = performance.now()
    await next()
    answered({
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      seconds: (performance.now() - started) / 1000,
      error: c.res.status >= 500 ? c.error : undefined,
    })
  })
  app.use(async (c, next) => {
    if (context.stopping.aborted) return answer(c, failureAnswer(503, 'stopping', 'the daemon is stopping'))
    return next()
  })
  app.use(requireJson)
  const tooLarge = failureAnswer(413, 'request-too-large', `the body is larger than ${LARGEST_BODY} bytes`)
  app.use(bodyLimit({ maxSize: LARGEST_BODY, onError: (c) => answer(c, tooLarge) }))
  addNetworkRoutes(app, context)
  addEndpointRoutes(app, context)
  addSandboxRoutes(app, context)
  addSystemRoutes(app, context)
  app.get('/v1/openapi.json', (c) => c.json(app.getOpenAPI31Document(description(context.health().version))))
  addLibnetworkRoutes(app, libnetwork)
  app.notFound((c) =>
    answer(c, failureAnswer(404, 'route-unknown', 'there is nothing at this path; see /v1/openapi.json')),
  )
  app.onError((error, c) => answer(c, answerOfThrown(error)))
  return app
}

function description(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Netwright',
      version,
      description: 'Container networks on this host: networks, endpoints, sandboxes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  }
}

/** Bodies of the routes under /v1 are JSON and say so: a web page cannot send that here without asking first (CORS). */
async function requireJson(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const type = c.req.header('content-type')
  const hasBody = type !== undefined || Number(c.req.header('content-length') ?? 0) > 0
  if (hasBody && c.req.path.startsWith('/v1/') && !/^application\/json\s*(;|$)/i.test(type ?? '')) {
    const message = 'the body must be JSON: send it with "Content-Type: application/json"'
    return answer(c, failureAnswer(415, 'request-invalid', message))
  }
  await next()
  return undefined
}

function answerOfThrown(error: unknown): FailureAnswer {
  if (error instanceof HTTPException && error.status === 400) {
    return failureAnswer(400, 'request-invalid', 'the body is not JSON')
  }
  return answerOfError(error)
}

function answer(c: Context, { status, body }: FailureAnswer): Response {
  return c.json(body, status)
}

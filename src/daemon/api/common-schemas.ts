/** Shapes that requests and answers of the API share. */
import { z } from '@hono/zod-openapi'

/** Longest text in a request that is no option: names, addresses, paths. */
const LONGEST = 4096
/** More elements than this in a list are a mistake. */
const MOST = 4096

/** A bounded text. */
export const text = z.string().max(LONGEST)
/** Options and labels. */
export const labels = z.record(z.string().max(LONGEST), z.string().max(65_536))

/** A bounded list. */
export const list = <T extends z.ZodType>(element: T) => z.array(element).max(MOST)

/** Protocol with ports. */
export const protocol = z.enum(['tcp', 'udp', 'sctp'])
/** Number of a port. */
export const port = z.int().min(1).max(65_535)

/** What every failure answers. */
export const failure = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'network-unknown' }),
      message: z.string().openapi({ example: 'there is no network "blue"' }),
    }),
  })
  .openapi('Failure')

/** Answers of a route that fails, by status. */
export const failures = {
  400: { description: 'The request cannot be understood, or asks for something impossible.', content: jsonOf(failure) },
  403: { description: 'A rule of the network model forbids it.', content: jsonOf(failure) },
  404: { description: 'There is no such object.', content: jsonOf(failure) },
  409: { description: 'It is taken already.', content: jsonOf(failure) },
  500: { description: 'The kernel or a plugin refused.', content: jsonOf(failure) },
  501: { description: 'The kernel lacks it.', content: jsonOf(failure) },
  503: { description: 'Nothing is left to give, or the daemon is stopping.', content: jsonOf(failure) },
} as const

/** A body in JSON. */
export function jsonOf<T extends z.ZodType>(schema: T) {
  return { 'application/json': { schema } }
}

/** A required body in JSON. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: jsonOf(schema) }
}

/** The word in a path that means an object. */
export function referenceParameter(name: string) {
  return z
    .string()
    .min(1)
    .max(LONGEST)
    .openapi({ param: { name, in: 'path' }, description: `Id, name or beginning of the id of the ${name}.` })
}

/** `?force=true` */
export const forceQuery = z.object({
  force: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Also when it is in use: endpoints leave their sandboxes and are deleted.' }),
})

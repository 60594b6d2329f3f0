/** Serving the API on a unix socket that root alone may open. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { claimSocket } from '../socket-file.ts'
import { closeServer, type Fetch, type Listener, SERVER_OPTIONS } from './listener.ts'

/** Listens at `path`. @throws Error when somebody else answers there; EACCES, ENOTDIR … */
export async function listenOnUnixSocket(path: string, fetch: Fetch): Promise<Listener> {
  const server = createAdaptorServer({ fetch, serverOptions: SERVER_OPTIONS }) as Server
  const removeFile = await claimSocket(path, server)
  return {
    address: path,
    async close() {
      removeFile()
      await closeServer(server)
    },
  }
}

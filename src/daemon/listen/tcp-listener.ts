/** Serving the API over TCP, to those who have the token. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createAdaptorServer } from '@hono/node-server'
import { type Guard, tcpGuard } from '../access/tcp-guard.ts'
import { closeServer, type Fetch, type Listener, SERVER_OPTIONS } from './listener.ts'
import { isLoopback, LOOPBACK_NAMES, type TcpAddress } from './tcp-address.ts'

/** Listens. Requests that the guard refuses never reach `fetch`. @throws Error EADDRINUSE, EACCES, EADDRNOTAVAIL */
export async function listenOnTcp({ host, port }: TcpAddress, token: string, fetch: Fetch): Promise<Listener> {
  let guard: Guard = () => ({ status: 403, code: 'host-refused', message: 'not listening yet' })
  const guarded: Fetch = (request) => {
    const { headers } = request
    const refusal = guard({
      host: headers.get('host') ?? undefined,
      origin: headers.get('origin') ?? undefined,
      authorization: headers.get('authorization') ?? undefined,
    })
    return refusal === undefined ? fetch(request) : refusalResponse(refusal)
  }
  const server = createAdaptorServer({ fetch: guarded, serverOptions: SERVER_OPTIONS }) as Server
  server.listen(port, host)
  await once(server, 'listening')
  const bound = server.address() as AddressInfo
  guard = tcpGuard({ token, hosts: namesOf(host, bound.address), port: bound.port })
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close: () => closeServer(server),
  }
}

function refusalResponse({ status, code, message }: NonNullable<ReturnType<Guard>>): Response {
  const headers = status === 401 ? { 'www-authenticate': 'Bearer realm="netwright"' } : {}
  return Response.json({ error: { code, message } }, { status, headers })
}

/** What we may be called: the address that was asked for, and all of the host's when that was any. */
function namesOf(host: string, bound: string): string[] {
  const names = new Set([host, bound])
  const any = bound === '0.0.0.0' || bound === '::'
  if (any)
    for (const addresses of Object.values(networkInterfaces()))
      for (const { address } of addresses ?? []) names.add(address)
  if (any || isLoopback(bound)) for (const name of LOOPBACK_NAMES) names.add(name)
  return [...names]
}

/** The daemon's side of CNI calls; `ask-daemon.ts` has the other. */
import { createServer, type Socket } from 'node:net'
import type { Controller } from '../../engine/index.ts'
import type { Namespace } from '../../kernel/index.ts'
import { claimSocket } from '../socket-file.ts'
import { readToEnd } from './ask-daemon.ts'
import { errorDocument } from './cni-error.ts'
import { type CniAnswer, executeCni } from './execute.ts'
import { InTurn } from './in-turn.ts'
import { CNI_VARIABLES, type CniCall } from './invocation.ts'
import { JsonFields } from './json-fields.ts'
import { NEWEST_VERSION } from './version.ts'

const MOST_CONNECTIONS = 256
/** Milliseconds that a call may take to arrive, or to be answered. */
const PATIENCE = 60_000

/** What the daemon answers CNI calls with. */
export interface CniServiceInit {
  readonly controller: Controller
  /** The namespace that the controller takes for the host's. */
  readonly host: Namespace
  readonly socketPath: string
  readonly log: { warn(fields: object, message: string): void }
}

/** Answers CNI calls on a unix socket until it is closed. @throws Error when somebody else answers there */
export async function startCniService(init: CniServiceInit): Promise<{ close(): Promise<void> }> {
  const turns = new InTurn()
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', (error) => init.log.warn({ err: error }, 'a CNI call broke off'))
    socket.setTimeout(PATIENCE, () => socket.destroy())
    serve(socket, init, turns).catch((error) => {
      init.log.warn({ err: error }, 'a CNI call could not be answered')
      socket.destroy()
    })
  })
  server.maxConnections = MOST_CONNECTIONS
  const release = await claimSocket(init.socketPath, server)
  return {
    async close() {
      release()
      const closed = new Promise((resolve) => server.close(resolve))
      // Calls that are under way are finished; connections that have said nothing yet are not waited for.
      await turns.idle()
      for (const socket of open) socket.destroySoon()
      await closed
    },
  }
}

async function serve(socket: Socket, init: CniServiceInit, turns: InTurn): Promise<void> {
  const text = await readToEnd(socket)
  if (text === undefined) {
    socket.destroy()
    return
  }
  // In this order: share/cni/netwright-cni takes the line apart by it.
  const { exitCode, output } = await answerTo(text, init, turns)
  socket.end(`${JSON.stringify({ exitCode, output })}\n`)
}

async function answerTo(text: string, { controller, host }: CniServiceInit, turns: InTurn): Promise<CniAnswer> {
  let call: CniCall
  try {
    call = readCall(text)
  } catch (error) {
    return { exitCode: 1, output: errorDocument(error, NEWEST_VERSION) }
  }
  // One after the other: two first containers of a network would both make it.
  return turns.take(() => executeCni(call, (_, work) => work({ controller, host })))
}

function readCall(text: string): CniCall {
  const fields = JsonFields.parse(text, 'the call')
  const given = fields.object('environment')
  const environment: Record<string, string | undefined> = {}
  for (const name of CNI_VARIABLES) {
    environment[name] = given?.text(name)
  }
  return { environment, input: fields.text('input') ?? '' }
}

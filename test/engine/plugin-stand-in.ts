/** A network plugin of a test's own: an HTTP server on a unix socket, as Docker's plugins are. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PluginDirectories } from '../../src/engine/plugins/index.ts'

/** A call as it arrived. */
export interface Call {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** The bytes as text; empty for calls without arguments. */
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was sent
  readonly body: any
}

/** What a plugin answers: an object as JSON, or whatever a function writes. Undefined: 404. */
export type Answer = object | ((response: ServerResponse, call: Call) => void) | undefined

/** Directories for plugins that go with the test. */
export class PluginWorld {
  readonly root = mkdtempSync(join(tmpdir(), 'nwt-plugins-'))
  readonly directories: PluginDirectories = {
    sockets: join(this.root, 'run'),
    specifications: [join(this.root, 'etc'), join(this.root, 'lib')],
  }
  readonly #plugins: PluginStandIn[] = []

  constructor() {
    for (const directory of [this.directories.sockets, ...this.directories.specifications]) mkdirSync(directory)
  }

  /** Starts a plugin; its socket is where Docker would look for it, unless a path is given. */
  async plugin(name: string, answers: Record<string, Answer>, path?: string): Promise<PluginStandIn> {
    const plugin = new PluginStandIn(path ?? join(this.directories.sockets, `${name}.sock`), answers)
    this.#plugins.push(plugin)
    await plugin.start()
    return plugin
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const plugin of this.#plugins) await plugin.stop()
    rmSync(this.root, { recursive: true })
  }
}

/** A plugin that answers as its table says, and remembers what it was asked. */
export class PluginStandIn {
  readonly path: string
  readonly answers: Record<string, Answer>
  readonly calls: Call[] = []
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(path: string, answers: Record<string, Answer>) {
    this.path = path
    this.answers = { 'Plugin.Activate': { Implements: ['NetworkDriver', 'IpamDriver'] }, ...answers }
  }

  async start(): Promise<void> {
    rmSync(this.path, { force: true })
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      const method = (request.url ?? '').slice(1)
      const call = { method, headers: request.headers, text, body: text === '' ? undefined : JSON.parse(text) }
      this.calls.push(call)
      reply(response, call, this.answers[method])
    })
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(this.path)
    await once(server, 'listening')
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    for (const socket of this.#sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }

  /** Methods in the order of their calls, without the introduction. */
  methods(): string[] {
    return this.calls.map((call) => call.method.replace('NetworkDriver.', '')).filter((m) => m !== 'Plugin.Activate')
  }
}

function reply(response: ServerResponse, call: Call, answer: Answer): void {
  if (typeof answer === 'function') {
    answer(response, call)
    return
  }
  response.statusCode = answer === undefined ? 404 : 200
  response.end(answer === undefined ? 'page not found' : JSON.stringify(answer))
}

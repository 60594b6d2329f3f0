/** Sandboxes, and name servers that do what a test tells them to, in namespaces of the test's own. */
import { execFile, execFileSync } from 'node:child_process'
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Message } from '../../src/engine/dns/message.ts'
import { MessageReader, withLength } from '../../src/engine/dns/message-stream.ts'
import { EmbeddedNames } from '../../src/engine/dns/name-service.ts'
import { parseMessage } from '../../src/engine/dns/parse-message.ts'
import { type MessageInit, writeMessage } from '../../src/engine/dns/write-message.ts'
import type { SandboxRecord } from '../../src/engine/model.ts'
import { DatagramClient, Namespace, type NamespaceHandle, openServerSocket } from '../../src/kernel/index.ts'
import { ip, NamedNamespaces } from '../support/iproute.ts'

/** A sandbox of a test. */
export interface Box {
  readonly record: SandboxRecord
  readonly namespace: Namespace
  /** Its name in /run/netns. */
  readonly name: string
}

/** A host whose resolv.conf names 192.0.2.53 to 192.0.2.56, which are addresses of its own, and sandboxes apart from it. */
export class DnsWorld {
  readonly host: Namespace
  readonly names: NamedNamespaces
  readonly directory = mkdtempSync(join(tmpdir(), 'nwt-dns-'))
  readonly notices: string[] = []
  readonly hostName: string
  readonly #close: (() => void)[] = []
  #boxes = 0

  constructor(purpose: string) {
    this.names = new NamedNamespaces(`dns-${purpose}`)
    this.hostName = this.names.add('host')
    this.host = this.#opened(this.hostName)
    ip(`-n ${this.hostName} link set lo up`)
    for (const last of [53, 54, 55, 56]) ip(`-n ${this.hostName} address add 192.0.2.${last}/32 dev lo`)
    this.hostResolvConf('nameserver 192.0.2.53\nnameserver 192.0.2.54\nnameserver 192.0.2.55\nnameserver 192.0.2.56\n')
  }

  /** Writes the host's resolv.conf. */
  hostResolvConf(text: string): void {
    writeFileSync(join(this.directory, 'host-resolv.conf'), text)
  }

  /** A name service over this host, as each process has one. */
  service(): EmbeddedNames {
    const resolvConf = join(this.directory, 'host-resolv.conf')
    const service = new EmbeddedNames({ host: this.host, resolvConf, notice: (it) => this.notices.push(it) })
    this.#close.push(() => void service.close())
    return service
  }

  /** A namespace with a sandbox's record. */
  box(change: Partial<SandboxRecord> = {}): Box {
    const number = ++this.#boxes
    const name = this.names.add(`box${number}`)
    ip(`-n ${name} link set lo up`)
    const files = join(this.directory, `box${number}`)
    mkdirSync(files)
    const record: SandboxRecord = {
      id: String(number).padStart(64, '0'),
      containerId: `c0ffee${String(number).padStart(58, '0')}`,
      hostname: `host${number}`,
      domainname: '',
      origin: 'created',
      key: `/run/netns/${name}`,
      inode: '0',
      labels: {},
      dns: {},
      extraHosts: [],
      files,
      created: '2026-01-01T00:00:00.000Z',
      ...change,
    }
    return { record, namespace: this.#opened(name), name }
  }

  /** A name server. `reply` gives the messages that it sends back. */
  server(namespace: NamespaceHandle, address: string, reply: Reply): FakeServer {
    const server = new FakeServer(namespace, address, reply)
    this.#close.push(() => server.close())
    return server
  }

  /** Done at the end, last first. */
  onClose(action: () => void): void {
    this.#close.push(action)
  }

  close(): void {
    for (const close of this.#close.toReversed()) close()
    this.names.close()
    rmSync(this.directory, { recursive: true, force: true })
  }

  #opened(name: string): Namespace {
    const namespace = Namespace.open({ name })
    this.#close.push(() => namespace.close())
    return namespace
  }
}

/** What a fake server answers: nothing, one message or several, as bytes or values. */
export type Reply = (query: Message, transport: 'udp' | 'tcp') => readonly (Buffer | MessageInit)[]

/** A name server of Node's own sockets. */
export class FakeServer {
  /** Names that were asked for, in order. */
  readonly asked: string[] = []
  readonly #datagrams: DatagramSocket = createSocket('udp4')
  readonly #streams: Server
  readonly #reply: Reply

  constructor(namespace: NamespaceHandle, address: string, reply: Reply) {
    this.#reply = reply
    const place = { address, port: 53 }
    this.#datagrams.bind({ fd: openServerSocket(namespace, { protocol: 'udp', ...place }).fd })
    this.#datagrams.on('message', (bytes, from) => {
      for (const answer of this.#answers(bytes, 'udp')) this.#datagrams.send(answer, from.port, from.address)
    })
    this.#streams = createServer((socket) => {
      const reader = new MessageReader()
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        for (const query of reader.push(bytes)) {
          for (const answer of this.#answers(query, 'tcp')) socket.write(withLength(answer))
        }
      })
    })
    this.#streams.listen({ fd: openServerSocket(namespace, { protocol: 'tcp', ...place }).fd })
  }

  #answers(bytes: Buffer, transport: 'udp' | 'tcp'): Buffer[] {
    const query = parseMessage(bytes)!
    this.asked.push(query.questions[0]!.name)
    return this.#reply(query, transport).map((it) => (Buffer.isBuffer(it) ? it : writeMessage(it)))
  }

  close(): void {
    this.#datagrams.close()
    this.#streams.close()
  }
}

/** An answer to `query` with one address. */
export function addressAnswer(query: Message, address: string, change: MessageInit = {}): MessageInit {
  const answers = [{ name: query.questions[0]!.name, class: 1, timeToLive: 5, data: { type: 'A' as const, address } }]
  return { id: query.id, response: true, questions: query.questions, answers, ...change }
}

/** Sends bytes to the resolver by UDP. @returns the first answer; undefined when there is none in time */
export function exchange(namespace: NamespaceHandle, query: Buffer, milliseconds = 5000): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const end = (answer: Buffer | undefined): void => {
      clearTimeout(timer)
      client.close()
      resolve(answer)
    }
    const timer = setTimeout(() => end(undefined), milliseconds)
    const client = new DatagramClient(namespace, '127.0.0.11', 53, {
      received: (bytes) => end(Buffer.from(bytes)),
      failed: () => end(undefined),
    })
    client.send(query)
  })
}

/** Asks the resolver by UDP. */
export async function lookUp(
  namespace: NamespaceHandle,
  name: string,
  type = 1,
  milliseconds?: number,
): Promise<Message | undefined> {
  const answer = await exchange(
    namespace,
    writeMessage({ id: 4711, questions: [{ name, type, class: 1 }] }),
    milliseconds,
  )
  return answer === undefined ? undefined : parseMessage(answer)
}

/** Addresses that the resolver gives for a name; the number of the error instead of them. */
export async function addressesOf(
  namespace: NamespaceHandle,
  name: string,
  type = 1,
): Promise<string[] | number | undefined> {
  const answer = await lookUp(namespace, name, type)
  if (answer === undefined || answer.rcode !== 0) return answer?.rcode
  return answer.answers.map(({ data }) => ('address' in data ? data.address : data.type))
}

/** BIND's `dig` in a namespace: what it prints. */
export async function dig(name: string, ...words: string[]): Promise<string> {
  const command = ['netns', 'exec', name, 'dig', '+tries=1', '+time=3', '@127.0.0.11', ...words]
  return (await promisify(execFile)('ip', command)).stdout.trim()
}

/** Runs a command in a namespace. */
export function inside(name: string, ...words: string[]): string {
  return execFileSync('ip', ['netns', 'exec', name, ...words], { encoding: 'utf8' })
}

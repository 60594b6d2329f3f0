/** The daemon's events: as they happen, and again for a reader who comes back. */
import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaemonWorld } from './daemon-world.ts'

const world = new DaemonWorld('events')
beforeAll(() => world.startDaemon())
afterAll(() => world.close())

interface ServerEvent {
  readonly id: string
  readonly event: string
  readonly data: { readonly network?: { readonly name: string } }
}

/** A reader of the stream. */
class Reader {
  readonly #request: ClientRequest
  readonly #events: ServerEvent[] = []
  #text = ''
  #wake: () => void = () => {}
  ended = false

  constructor(lastId?: string) {
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
    this.#request = request({ socketPath: world.socket, path: '/v1/events', headers, agent: false }, (response) => {
      response.on('data', (bytes) => this.#read(String(bytes)))
      response.on('error', () => {})
      response.on('close', () => {
        this.ended = true
        this.#wake()
      })
    })
    this.#request.on('error', () => {})
    this.#request.end()
  }

  #read(text: string): void {
    this.#text += text
    const blocks = this.#text.split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const event = field('event')
      if (event !== undefined)
        this.#events.push({ id: field('id') ?? '', event, data: JSON.parse(field('data') ?? '') })
    }
    this.#wake()
  }

  /** The next events, as many as are asked for. */
  async take(count: number): Promise<ServerEvent[]> {
    while (this.#events.length < count) {
      if (this.ended) throw new Error('the stream ended')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#events.splice(0, count)
  }

  async close(): Promise<void> {
    if (this.ended) return
    const closed = once(this.#request, 'close')
    this.#request.destroy()
    await closed
  }
}

const create = (name: string) => world.ask('/v1/networks', { method: 'POST', body: { name, configOnly: true } })
const names = (events: readonly ServerEvent[]) => events.map(({ event, data }) => `${event} ${data.network?.name}`)

test('a reader hears what happens from then on, in order', async () => {
  await create('before')
  const reader = new Reader()
  expect(await reader.take(1)).toMatchObject([{ event: 'resumed' }])
  await create('a')
  await world.ask('/v1/networks/a', { method: 'DELETE' })
  expect(names(await reader.take(2))).toEqual(['network-created a', 'network-deleted a'])
  await reader.close()
})

test('a reader who comes back goes on behind the last event that it read, without a gap or a repetition', async () => {
  const first = new Reader()
  await first.take(1)
  await create('one')
  await create('two')
  const [one] = await first.take(1)
  await first.close()
  await create('three')
  const second = new Reader(one!.id)
  expect(await second.take(1)).toMatchObject([{ event: 'resumed', id: one!.id }])
  expect(names(await second.take(2))).toEqual(['network-created two', 'network-created three'])
  await create('four')
  expect(names(await second.take(1))).toEqual(['network-created four'])
  await second.close()
})

test('a reader from before the daemon was started again, or with a made-up id, is told to list everything afresh', async () => {
  for (const id of ['000000000000.1', 'nonsense', '99999999999999999999']) {
    const reader = new Reader(id)
    expect(await reader.take(1), id).toMatchObject([{ event: 'reset' }])
    await reader.close()
  }
})

test('readers who left are forgotten', async () => {
  const reader = new Reader()
  await reader.take(1)
  expect((await world.ask('/metrics')).text).toMatch(/^netwright_event_readers 1$/m)
  await reader.close()
  await create('after')
  await expect.poll(async () => (await world.ask('/metrics')).text).toMatch(/^netwright_event_readers 0$/m)
})

test('the stream ends when the daemon stops', async () => {
  const other = new DaemonWorld('events-stop')
  try {
    const daemon = await other.startDaemon()
    const streaming = other.ask('/v1/events')
    await expect.poll(async () => (await other.ask('/metrics')).text).toMatch(/^netwright_event_readers 1$/m)
    expect(await daemon.stop()).toBe(0)
    expect((await streaming).text).toContain('event: resumed')
  } finally {
    await other.close()
  }
})

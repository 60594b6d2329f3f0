/** The socket on which systemd hears of its services: unix datagrams, which Node does not have. */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../src/kernel/constants.ts'
import * as libc from '../../src/kernel/libc.ts'
import { writeU16 } from '../../src/kernel/netlink/byte-order.ts'

const SOCK_DGRAM = 2

/** The manager's end. Close it. */
export class NotifySocket {
  readonly path: string
  readonly #fd: number

  constructor(path: string) {
    this.path = path
    this.#fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    const name = Buffer.from(path.replace(/^@/, '\0'))
    const address = Buffer.alloc(2 + name.length)
    writeU16(address, AF_UNIX, 0)
    name.copy(address, 2)
    if (libc.bindSocket(this.#fd, address, address.length) < 0) throw new Error(`cannot bind to ${path}`)
  }

  /** The next message. @throws Error after five seconds */
  async next(): Promise<string> {
    const bytes = Buffer.alloc(4096)
    for (let turn = 0; turn < 500; turn++) {
      const length = libc.recv(this.#fd, bytes, bytes.length, 0)
      if (length >= 0) return bytes.toString('utf8', 0, length)
      await sleep(10)
    }
    throw new Error('nothing was told for five seconds')
  }

  /** The first message that holds `words`. */
  async until(words: string): Promise<string> {
    for (;;) {
      const message = await this.next()
      if (message.includes(words)) return message
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd)
    if (!this.path.startsWith('@')) rmSync(this.path, { force: true })
  }
}

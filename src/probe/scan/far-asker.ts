/** Asking for addresses beyond the links of a namespace: an echo request, and SYNs to ports that firewalls let through. */
import type { NamespaceHandle } from '../../kernel/index.ts'
import { EchoSocket } from '../ping/echo-socket.ts'
import type { IpFamily } from '../wire/address.ts'
import type { Asker, SweepListener } from './asker.ts'
import { SynSocket } from './syn-socket.ts'

/** An answer of either kind, also a refusal, says that somebody is there. */
const PORTS = [443, 80]

/** Asks in one family. Close it when done. */
export class FarAsker implements Asker {
  readonly #echo: EchoSocket
  readonly #syn: SynSocket
  readonly #askedAt = new Map<string, number>()
  #sequence = 0

  /** @throws KernelError EPERM without CAP_NET_RAW */
  constructor(namespace: NamespaceHandle, family: IpFamily, listener: SweepListener) {
    const found = (address: string, by: 'echo' | 'tcp', microseconds: number): void => {
      const askedAt = this.#askedAt.get(address)
      if (askedAt !== undefined) listener.found(address, by, Math.max(0, (microseconds - askedAt) / 1000))
    }
    this.#echo = new EchoSocket({
      ...{ namespace, family },
      listener: { answered: ({ from, microseconds }) => found(from, 'echo', microseconds), failed() {} },
    })
    try {
      this.#syn = new SynSocket(namespace, family, {
        answered: (from, _port, _state, microseconds) => found(from, 'tcp', microseconds),
        objected() {},
      })
    } catch (error) {
      this.#echo.close()
      throw error
    }
  }

  /** @throws KernelError ENETUNREACH and its like */
  ask(address: string): void {
    const sequence = this.#sequence++ % 0x1_0000
    this.#askedAt.set(address, this.#echo.send(address, { sequence, size: 8, mark: 0 }))
    for (const port of PORTS) this.#syn.send(address, port)
  }

  drain(): void {
    this.#echo.drain()
    this.#syn.drain()
  }

  close(): void {
    this.#syn.close()
    this.#echo.close()
  }
}

/** Asking by ARP who has an address. The requests are our own, so that the namespace's neighbour table stays as it was. */
import {
  assembleFilter,
  BPF_PROTOCOL,
  Bpf,
  type NamespaceHandle,
  PacketSender,
  PacketWatch,
  realTime,
  type WatchedPacket,
} from '../../kernel/index.ts'
import type { Asker, SweepListener } from './asker.ts'
import { encodeArpRequest, type Neighbourhood, readArpReply } from './neighbourhood.ts'

const ETHERTYPE_ARP = 0x0806
const REPLY = 2
const OPERATION_OFFSET = 6
const RECEIVE_BUFFER = 8 * 1024 * 1024

/** Only replies: requests come by as well, our own among them. */
const replies = assembleFilter([
  { code: Bpf.loadHalf, constant: BPF_PROTOCOL },
  { code: Bpf.jumpEqual, constant: ETHERTYPE_ARP, otherwise: 3 },
  { code: Bpf.loadHalf, constant: OPERATION_OFFSET },
  { code: Bpf.jumpEqual, constant: REPLY, otherwise: 1 },
  { code: Bpf.accept, constant: 64 },
  { code: Bpf.accept, constant: 0 },
])

/** Asks on all links of a namespace. Close it when done. */
export class ArpAsker implements Asker {
  readonly #namespace: NamespaceHandle
  readonly #neighbourhood: Neighbourhood
  readonly #listener: SweepListener
  readonly #watch: PacketWatch
  readonly #senders = new Map<number, PacketSender>()
  readonly #askedAt = new Map<string, number>()

  /** @throws KernelError EPERM without CAP_NET_RAW */
  constructor(namespace: NamespaceHandle, neighbourhood: Neighbourhood, listener: SweepListener) {
    this.#namespace = namespace
    this.#neighbourhood = neighbourhood
    this.#listener = listener
    this.#watch = PacketWatch.open({ namespace, filter: replies, receiveBuffer: RECEIVE_BUFFER })
    this.#watch.start(this.#visit)
  }

  /** @throws KernelError ENETDOWN, ENXIO */
  ask(address: string): void {
    const attachment = this.#neighbourhood.onLink(address)
    if (attachment === undefined) return
    let sender = this.#senders.get(attachment.index)
    if (sender === undefined) {
      sender = PacketSender.open({ namespace: this.#namespace, interface: attachment.index })
      this.#senders.set(attachment.index, sender)
    }
    this.#askedAt.set(address, realTime())
    sender.send(encodeArpRequest(attachment, address))
  }

  drain(): void {
    this.#watch.drain(this.#visit)
  }

  close(): Promise<void> {
    for (const sender of this.#senders.values()) sender.close()
    return this.#watch.close()
  }

  readonly #visit = ({ bytes, microseconds, direction }: WatchedPacket): void => {
    const reply = direction === 'outgoing' ? undefined : readArpReply(bytes)
    const askedAt = reply === undefined ? undefined : this.#askedAt.get(reply.address)
    if (reply === undefined || askedAt === undefined) return
    this.#listener.found(reply.address, 'arp', Math.max(0, (microseconds - askedAt) / 1000), reply.mac)
  }
}

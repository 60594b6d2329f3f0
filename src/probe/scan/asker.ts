/** What a sweep needs of those who ask for addresses. */

/** How an address showed that it is in use. `own`: it is one of the namespace itself. */
export type SweepEvidence = 'own' | 'arp' | 'echo' | 'tcp'

/** Told by those who ask. */
export interface SweepListener {
  found(address: string, by: SweepEvidence, milliseconds: number, mac?: string): void
}

/** Asks for addresses. */
export interface Asker {
  /** @throws KernelError what the kernel refuses to send */
  ask(address: string): void
  drain(): void
  close(): void | Promise<void>
}

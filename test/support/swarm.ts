/** A swarm of real Docker daemons, each in a network and a mount namespace of its own, linked by a bridge. */
import { type Dockerd, startDockerd } from './dockerd.ts'

/** Starts one; the manager comes first. It is up in about 1.5 s and 1 s more for each worker. Stop it, also on failure. */
export async function startSwarm(nodes: number): Promise<Swarm> {
  const swarm = new Swarm([await startDockerd({ swarm: true })])
  try {
    while (swarm.nodes.length < nodes) swarm.nodes.push(await startDockerd({ joins: swarm.manager }))
    return swarm
  } catch (error) {
    await swarm.stop()
    throw error
  }
}

/** A running swarm. */
export class Swarm {
  readonly nodes: Dockerd[]

  constructor(nodes: Dockerd[]) {
    this.nodes = nodes
  }

  get manager(): Dockerd {
    return this.nodes[0]!
  }

  /** Ends all daemons and containers at once. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }
}

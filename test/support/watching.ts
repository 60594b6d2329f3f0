/** A watch of the host for tests: collects what is told about the test's own namespaces. */
import { type Change, HostWatch, type WatchOptions } from '../../src/host/index.ts'

/** A running watch, and everything that it has told so far. */
export class Watching {
  readonly changes: Change[] = []
  readonly #watch: HostWatch
  readonly #reading: Promise<void>

  /** Starts a watch. */
  static async start(options: WatchOptions = {}): Promise<Watching> {
    return new Watching(await HostWatch.open(options))
  }

  private constructor(watch: HostWatch) {
    this.#watch = watch
    this.#reading = this.#read()
  }

  async #read(): Promise<void> {
    for await (const batch of this.#watch) this.changes.push(...batch)
  }

  /** What was told about the namespaces that have this name or inode, or any of these. */
  about(...places: readonly string[]): Change[] {
    return this.changes.filter(
      ({ namespace }) =>
        namespace !== null &&
        (places.includes(namespace.inode) || namespace.names.some((name) => places.includes(name))),
    )
  }

  /** The same as short lines, `added link v0`; without what came or went with the namespace, unless it is asked for. */
  lines(place: string, { implied = false } = {}): string[] {
    return this.about(place)
      .filter((change) => implied || !change.implied)
      .map(({ action, object, subject }) => `${action} ${object} ${subject}`)
  }

  /** Waits for a change. @throws Error when it does not come within ten seconds */
  async until(wanted: (change: Change) => boolean): Promise<Change> {
    let found: Change | undefined
    await this.untilTrue(() => {
      found = this.changes.find(wanted)
      return found !== undefined
    })
    return found!
  }

  /** Waits until all that was told fulfils a condition. @throws Error when it does not within ten seconds */
  async untilTrue(condition: () => boolean): Promise<void> {
    const end = performance.now() + 20_000
    while (!condition()) {
      if (performance.now() > end) throw new Error('what was waited for was never told')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Waits until a namespace with this name or inode is under watch. */
  async untilAdded(place: string): Promise<Change> {
    return this.until(
      ({ object, action, namespace }) =>
        object === 'namespace' &&
        action === 'added' &&
        (namespace?.inode === place || namespace?.names.includes(place) === true),
    )
  }

  /** Forgets what has been told. */
  forget(): void {
    this.changes.length = 0
  }

  /** Ends the watch; throws what it failed with. */
  async close(): Promise<void> {
    this.#watch.close()
    await this.#reading
  }
}

/** Docker's daemons, for questions beside who owns what. */
import { argumentsOf, commandOf, networkNamespaceOfProcess, processIds } from '../../../kernel/index.ts'
import { EngineClient } from './engine-client.ts'
import { findDaemons } from './find-daemons.ts'

/** A daemon that can be asked. Close it. */
export interface OpenDaemon {
  /** For warnings: `docker at unix:///run/docker.sock of process 812`. */
  readonly label: string
  /** Value of DOCKER_HOST with which a person reaches it from here. */
  readonly host: string
  /** Its process; undefined when it is on another host, or cannot be told. */
  readonly pid: number | undefined
  /** nsfs inode of the namespace that it lives in. */
  readonly inode: string | undefined
  /**
   * Asks with GET, without a version in the path.
   * @throws Error when there is no usable answer
   */
  get(path: string): Promise<unknown>
  close(): void
}

/** Opens every daemon within reach; nothing is sent yet. @param signal ends all questions */
export async function openDockerDaemons(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<OpenDaemon[]> {
  const running = [...processIds()]
    .filter((pid) => commandOf(pid) === 'dockerd')
    .map((pid) => ({ pid, command: 'dockerd', arguments: argumentsOf(pid) }))
  const { daemons } = findDaemons({ processes: [], mounts: [], daemons: running }, environment)
  return Promise.all(
    daemons.map(async ({ address, label, host, pid, release }) => {
      const client = await EngineClient.open(address, { signal })
      return {
        label,
        host,
        pid,
        inode: pid === undefined ? undefined : networkNamespaceOfProcess(pid),
        get: (path: string) => client.get(path),
        close() {
          client.close()
          release()
        },
      }
    }),
  )
}

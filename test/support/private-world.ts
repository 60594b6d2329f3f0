/**
 * A place where a container runtime can run without touching the machine: a network and a mount namespace of their own, with
 * empty file systems over /run and /var/lib, which are gone with the last process. Needs root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Clears a world away. It waits on a pipe from the test, which also ends when the test is killed, so that nothing is left
 * behind in any case. A runtime that is asked politely waits for its containers, so everything is killed at once: what is in
 * the network namespace (the runtime and its helpers) and in the control groups (containers). Mounts, and with them the
 * containers' network namespaces, go with the mount namespace. $0 is the world's name, $1 its directory.
 */
const CLEAR_AWAY = `
read -r line
attempt=0
while [ $attempt -lt 200 ]; do
  attempt=$((attempt + 1))
  pids=$({ ip netns pids "$0"; find /sys/fs/cgroup -path "*/$0/*" -name cgroup.procs -exec cat {} +; } 2>/dev/null)
  [ -z "$pids" ] && break
  kill -KILL $pids 2>/dev/null
  sleep 0.02
done
find /sys/fs/cgroup -depth -type d \\( -path "*/$0" -o -path "*/$0/*" \\) -exec rmdir {} + 2>/dev/null
ip netns delete "$0"
rm -rf "$1"
`

/** A private world and its first process. */
export class PrivateWorld {
  /** Name of its network namespace in /run/netns, of its control groups, and its host name. */
  readonly name: string
  /** Process id of the program that it was made for. */
  readonly pid: number
  /** A directory on the machine, for its logs and what it is given. */
  readonly directory: string
  readonly #process: ChildProcess
  readonly #broom: ChildProcess

  /** Starts a program in a new world. Its control groups are to be made below `/<name>`. */
  static start(kind: string, command: (name: string) => readonly string[]): PrivateWorld {
    const name = `nwt-${kind}-${randomBytes(3).toString('hex')}`
    const directory = mkdtempSync(join(tmpdir(), `${name}-`))
    const broom = spawn('sh', ['-c', CLEAR_AWAY, name, directory], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return new PrivateWorld(name, directory, launch(name, directory, command(name)), broom)
  }

  private constructor(name: string, directory: string, child: ChildProcess, broom: ChildProcess) {
    if (child.pid === undefined) throw new Error('nsenter could not be started')
    this.name = name
    this.pid = child.pid
    this.directory = directory
    this.#process = child
    this.#broom = broom
  }

  /** What its program printed so far. */
  log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8')
  }

  /** The exit code of its program, null while it runs. */
  get exitCode(): number | null {
    return this.#process.exitCode
  }

  /** Whether a process belongs here: helpers of the runtime by mount namespace, containers by control group. */
  owns(pid: number): boolean {
    try {
      const mounts = readlinkSync(`/proc/${pid}/ns/mnt`)
      if (mounts === readlinkSync(`/proc/${this.pid}/ns/mnt`)) return true
      return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/${this.name}/`)
    } catch {
      return false
    }
  }

  /** Ends everything at once, and waits until nothing is left. */
  async stop(): Promise<void> {
    if (this.#broom.exitCode !== null) return
    const cleared = once(this.#broom, 'exit')
    this.#broom.stdin?.end()
    await cleared
  }
}

/**
 * Not by `ip netns exec`, which mounts /sys anew and so hides the control groups. Every program here replaces the one before,
 * so the child's process id is that of the command.
 */
function launch(name: string, directory: string, command: readonly string[]): ChildProcess {
  const log = openSync(join(directory, 'log'), 'w')
  const script = 'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && hostname "$0" && exec "$@"'
  const isolate = ['unshare', '--mount', '--propagation', 'private', '--uts', 'sh', '-c', script, name]
  try {
    return spawn('nsenter', [`--net=/run/netns/${name}`, ...isolate, ...command], {
      stdio: ['ignore', log, log],
      detached: true,
    })
  } finally {
    closeSync(log)
  }
}

/** Runs ip(8). */
export function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

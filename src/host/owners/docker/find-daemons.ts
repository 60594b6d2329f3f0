/** Every Docker daemon within reach: the default socket, DOCKER_HOST, and the sockets of all dockerd processes. */
import { existsSync } from 'node:fs'
import {
  hasCode,
  holdPathOfProcess,
  listenerOfUnixSocket,
  type ProcessPath,
  pathThroughProcess,
  readFileOfProcess,
  userOfProcess,
} from '../../../kernel/index.ts'
import { NAME_LIMIT } from '../foreign-value.ts'
import type { OwnerEvidence } from '../owner-source.ts'
import {
  configFileOf,
  configuredHosts,
  type DaemonHost,
  DEFAULT_SOCKET,
  hostArguments,
  parseDaemonHost,
} from './daemon-hosts.ts'
import type { EngineAddress } from './engine-client.ts'

/** A daemon to ask. */
export interface Daemon {
  readonly address: EngineAddress
  /** For warnings: `docker at unix:///run/docker.sock of process 812`. */
  readonly label: string
  /** Value of DOCKER_HOST with which a person reaches it from here. */
  readonly host: string
  /** Its process; undefined when it is not on this host, or cannot be told. */
  readonly pid: number | undefined
  /** Nobody asked for it by name and no process of it was seen: that it is absent is no news. */
  readonly optional: boolean
  /** Ends the hold on its socket; the address is void afterwards. */
  release(): void
}

/** What was found; each daemon is to be released. */
export interface FoundDaemons {
  readonly daemons: readonly Daemon[]
  readonly warnings: readonly string[]
}

/** Anyone may start processes with that name. */
const MAXIMUM_DAEMONS = 64

/** Finds the daemons, each once, whatever the number of paths to it. */
export function findDaemons(
  evidence: OwnerEvidence,
  environment: Readonly<Record<string, string | undefined>>,
): FoundDaemons {
  const finding = new Finding()
  const running = evidence.daemons.filter(isDockerd)
  for (const daemon of running.slice(0, MAXIMUM_DAEMONS)) finding.addProcess(daemon.pid, daemon.arguments)
  if (running.length > MAXIMUM_DAEMONS) {
    finding.warnings.push(`there are ${running.length} dockerd processes; ${MAXIMUM_DAEMONS} of them were asked`)
  }
  // Where systemd listens for a daemon that does not run, a connection would start it (systemd.socket(5)).
  if (running.length > 0 || !isBootedBySystemd()) finding.addSocket('self', DEFAULT_SOCKET, 'optional')
  const wanted = environment['DOCKER_HOST']
  if (wanted !== undefined && wanted !== '') finding.addWanted(wanted, wantsTls(environment))
  return finding
}

function isDockerd({ command }: OwnerEvidence['daemons'][number]): boolean {
  return command === 'dockerd'
}

/** sd_booted(3) */
function isBootedBySystemd(): boolean {
  return existsSync('/run/systemd/system')
}

function wantsTls(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(environment['DOCKER_TLS_VERIFY']) || Boolean(environment['DOCKER_TLS'])
}

class Finding implements FoundDaemons {
  readonly daemons: Daemon[] = []
  readonly warnings: string[] = []
  readonly #sockets = new Set<string>()
  readonly #processes = new Set<number>()

  /** The sockets of a dockerd process. Without any told, it listens on the default one. */
  addProcess(pid: number, argv: readonly string[]): void {
    const told = [...hostArguments(argv), ...hostsOfConfiguration(pid, argv)].map(parseDaemonHost)
    for (const host of told) if (host.kind === 'unix') this.addSocket(pid, host.path, 'optional')
    if (told.length === 0) {
      this.addSocket(pid, DEFAULT_SOCKET, 'optional')
      this.addSocket(pid, `/run/user/${userOfProcess(pid)}/docker.sock`, 'optional')
    } else if (!told.some((host) => host.kind === 'unix')) {
      this.warnings.push(`dockerd (process ${pid}) listens on no unix socket; name its address in DOCKER_HOST`)
    }
  }

  /** What DOCKER_HOST names. */
  addWanted(text: string, tls: boolean): void {
    const host: DaemonHost = parseDaemonHost(text)
    if (host.kind === 'unix') this.addSocket('self', host.path, 'wanted')
    else if (host.kind === 'unsupported') {
      this.warnings.push(
        `DOCKER_HOST is ${text}, but only unix:// and tcp:// are supported; containers of that daemon have no names here`,
      )
    } else if (tls) {
      this.warnings.push(`DOCKER_HOST ${text} wants TLS, which is not supported; use the daemon's unix socket`)
    } else {
      const address = { host: host.host, port: host.port }
      this.daemons.push({
        address,
        label: `docker at ${text}`,
        host: text,
        pid: undefined,
        optional: false,
        release: () => {},
      })
    }
  }

  /** A socket as `viewer` sees it. Two paths to one socket, or two sockets of one process, are one daemon. */
  addSocket(viewer: number | 'self', path: string, interest: 'optional' | 'wanted'): void {
    const label = `docker at unix://${path.slice(0, NAME_LIMIT)}${viewer === 'self' ? '' : ` of process ${viewer}`}`
    const held = this.#hold(viewer, path, label, interest)
    if (held === undefined) return
    const pid = viewer === 'self' ? listenerOf(held) : viewer
    if (!held.isSocket || this.#isKnown(held, pid)) {
      held.close()
      return
    }
    this.daemons.push({
      address: { socketPath: held.path },
      label,
      host: `unix://${pathFromHere(viewer, path, held)}`,
      pid,
      optional: viewer === 'self' && interest === 'optional',
      release: () => held.close(),
    })
  }

  #isKnown(socket: ProcessPath, pid: number | undefined): boolean {
    // Process 1 listens in place of many daemons (systemd.socket(5)).
    const known = this.#sockets.has(socket.identity) || (pid !== undefined && pid !== 1 && this.#processes.has(pid))
    this.#sockets.add(socket.identity)
    if (pid !== undefined) this.#processes.add(pid)
    return known
  }

  #hold(
    viewer: number | 'self',
    path: string,
    label: string,
    interest: 'optional' | 'wanted',
  ): ProcessPath | undefined {
    try {
      return holdPathOfProcess(viewer, path)
    } catch (error) {
      // A process that ended meanwhile, or a path that it has not made yet, is an absent daemon.
      if (interest === 'optional' && hasCode(error, 'ENOENT', 'ENOTDIR', 'ESRCH')) return undefined
      // An ordinary user may not look with the eyes of another's process; most daemons see what we see.
      if (viewer !== 'self' && hasCode(error, 'EACCES', 'EPERM')) this.addSocket('self', path, 'optional')
      else this.warnings.push(`${label} cannot be reached: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
}

/** A daemon in a mount namespace of its own has its socket at a path that leads elsewhere, or nowhere, from here. */
function pathFromHere(viewer: number | 'self', path: string, held: ProcessPath): string {
  if (viewer === 'self') return path
  try {
    const own = holdPathOfProcess('self', path)
    own.close()
    if (own.identity === held.identity) return path
  } catch {
    // Nothing is there from here.
  }
  return pathThroughProcess(viewer, path)
}

function hostsOfConfiguration(pid: number, argv: readonly string[]): string[] {
  try {
    return configuredHosts(readFileOfProcess(pid, configFileOf(argv)).toString('utf8'))
  } catch {
    // Most daemons have no such file; an unreadable one leaves the default socket to try.
    return []
  }
}

function listenerOf(socket: ProcessPath): number | undefined {
  try {
    return listenerOfUnixSocket(socket.path)
  } catch {
    // Whatever is wrong with it, the request will meet it again and say so.
    return undefined
  }
}

/** The host's resolv.conf, read again when it has changed: hosts move between networks while their sandboxes live on. */
import { readFileSync, statSync } from 'node:fs'
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts'

/** Where it is (resolv.conf(5)). */
const USUAL_PATH = '/etc/resolv.conf'
/** Where systemd-resolved keeps the servers that its own stub at 127.0.0.53 asks (systemd-resolved.service(8)). */
const SYSTEMD_PATH = '/run/systemd/resolve/resolv.conf'
const SYSTEMD_STUB = '127.0.0.53'
const MILLISECONDS_BETWEEN_LOOKS = 1000

/** The file, and what it said last. */
export class HostResolvConf {
  readonly path: string
  readonly #systemdPath: string
  #conf: ResolvConf | undefined
  #version = ''
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(path = USUAL_PATH, systemdPath = SYSTEMD_PATH) {
    this.path = path
    this.#systemdPath = systemdPath
  }

  /** What it says now, or said within the last second. Without a file: nothing. */
  read(): ResolvConf {
    const now = performance.now()
    if (this.#conf !== undefined && now - this.#lookedAt < MILLISECONDS_BETWEEN_LOOKS) return this.#conf
    this.#lookedAt = now
    const version = versionOf(this.path)
    if (this.#conf === undefined || version !== this.#version) {
      this.#version = version
      this.#conf = parseResolvConf(textOf(this.path))
    }
    return this.#conf
  }

  /** What those are to have who cannot reach a stub on the host's loopback: the file, or the one with the stub's own servers. */
  readForContainers(): { readonly path: string; readonly conf: ResolvConf } {
    const conf = this.read()
    const [server, ...more] = conf.nameservers
    const stub = server === SYSTEMD_STUB && more.length === 0
    const text = stub ? textOf(this.#systemdPath) : ''
    return text === '' ? { path: this.path, conf } : { path: this.#systemdPath, conf: parseResolvConf(text) }
  }
}

function versionOf(path: string): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false })
  return status === undefined ? 'none' : `${status.ino} ${status.mtimeNs} ${status.size}`
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

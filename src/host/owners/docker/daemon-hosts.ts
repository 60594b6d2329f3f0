/** Where a daemon listens, from its command line and configuration, and from DOCKER_HOST. */
import { asArray, asText, memberOf, parseJson } from '../foreign-value.ts'

/** The socket that every daemon has unless it was told otherwise. */
export const DEFAULT_SOCKET = '/run/docker.sock'

/** A place to ask at. */
export type DaemonHost =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unsupported'; readonly text: string }

const DEFAULT_TCP_PORT = 2375

/** Understands a value of `--host` or DOCKER_HOST: `unix:///path`, `fd://`, `tcp://host:port`, `/path`. */
export function parseDaemonHost(text: string): DaemonHost {
  if (text.startsWith('/')) return { kind: 'unix', path: text }
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? []
  // systemd hands the listening socket over; by docker.socket's unit file it is the default one.
  if (scheme === 'fd') return { kind: 'unix', path: DEFAULT_SOCKET }
  if (scheme === 'unix') return unixHost(rest ?? '', text)
  if (scheme === 'tcp') return tcpHost(rest ?? '', text)
  return { kind: 'unsupported', text }
}

function unixHost(path: string, text: string): DaemonHost {
  if (path === '') return { kind: 'unix', path: DEFAULT_SOCKET }
  return path.startsWith('/') ? { kind: 'unix', path } : { kind: 'unsupported', text }
}

function tcpHost(rest: string, text: string): DaemonHost {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?\/?$/.exec(rest) ?? []
  const port = digits === undefined ? DEFAULT_TCP_PORT : Number(digits)
  if ((bracketed ?? plain) === undefined || port < 1 || port > 65535) return { kind: 'unsupported', text }
  return { kind: 'tcp', host: bracketed || plain || '127.0.0.1', port }
}

/** Values of `-H` and `--host` in a daemon's arguments, in all spellings that its flag parser knows. */
export function hostArguments(argv: readonly string[]): string[] {
  return optionValues(argv, '-H', '--host')
}

/** The daemon's configuration file: `--config-file`, or its default. */
export function configFileOf(argv: readonly string[]): string {
  return optionValues(argv, undefined, '--config-file').at(-1) ?? '/etc/docker/daemon.json'
}

/** `hosts` of a daemon's configuration file. */
export function configuredHosts(json: string): string[] {
  return asArray(memberOf(parseJson(json), 'hosts')).flatMap((host) => asText(host, 4096) ?? [])
}

function optionValues(argv: readonly string[], short: string | undefined, long: string): string[] {
  return argv.flatMap((argument, i) => {
    if (argument === short || argument === long) return argv[i + 1] ?? []
    if (argument.startsWith(`${long}=`)) return argument.slice(long.length + 1)
    if (short !== undefined && argument.startsWith(short)) return argument.slice(short.length).replace(/^=/, '')
    return []
  })
}

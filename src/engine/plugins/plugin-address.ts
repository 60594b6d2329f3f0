/** Where a plugin listens, and how its specification files say it. */
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { EngineError } from '../errors.ts'

/** Where a plugin listens. */
export type PluginAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly tls: PluginTls | null }

/** How a plugin on TCP proves who it is, and we to it. */
export interface PluginTls {
  /** PEM texts. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False: whoever answers is believed. */
  readonly verify: boolean
}

/** Largest specification, certificate or key that is read, in bytes. */
const LARGEST_FILE = 256 * 1024
/** sun_path less its terminating NUL (unix(7)). */
const LONGEST_SOCKET_PATH = 107
/** Port of a URL without one, as Go's HTTP client has it, which Docker reads these files with. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'tcp:': 80, 'https:': 443 }

/** Address in a `.spec` file: one URL. @throws EngineError plugin-failed, naming the file */
export async function readSpec(file: string): Promise<PluginAddress> {
  const url = (await readBounded(file)).trim()
  return parseAddress(url, file, url.startsWith('https:') ? { verify: true } : null)
}

/** Address in a `.json` file: `{ Name, Addr, TLSConfig }`. @throws EngineError plugin-failed, naming the file */
export async function readJsonSpec(file: string): Promise<PluginAddress> {
  const text = await readBounded(file)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw broken(file, 'it is not JSON')
  }
  const { Addr, TLSConfig } = (document ?? {}) as Record<string, unknown>
  if (typeof Addr !== 'string') throw broken(file, 'it has no text Addr')
  const tls = TLSConfig === undefined || TLSConfig === null ? null : await readTls(TLSConfig, file)
  return parseAddress(Addr, file, tls ?? (Addr.startsWith('https:') ? { verify: true } : null))
}

/** Address in a URL: unix, tcp, http or https. @throws EngineError plugin-failed, naming the file that it stands in */
export function parseAddress(text: string, file: string, tls: PluginTls | null): PluginAddress {
  const shown = JSON.stringify(text.slice(0, 120))
  if (!URL.canParse(text))
    throw broken(file, `${shown} is not a URL such as unix:///run/x.sock or tcp://127.0.0.1:9000`)
  const url = new URL(text)
  if (url.protocol === 'unix:') return { socketPath: socketPath(url, shown, file) }
  const usual = DEFAULT_PORTS[url.protocol]
  if (usual === undefined || url.hostname === '') {
    throw broken(file, `${shown} does not begin with unix:, tcp:, http: or https: and a place`)
  }
  // Literal IPv6 addresses stand in brackets in URLs, and without them elsewhere.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: url.port === '' ? usual : Number(url.port), tls }
}

function socketPath(url: URL, shown: string, file: string): string {
  const path = decoded(url.pathname)
  if (url.host === '' && isAbsolute(path) && !path.includes('\0') && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) {
    return path
  }
  throw broken(file, `${shown} holds no absolute path of at most ${LONGEST_SOCKET_PATH} bytes`)
}

/** A URL's path without its percent signs; empty when these mean nothing. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

async function readTls(value: unknown, file: string): Promise<PluginTls> {
  const options = Object(value) as Record<string, unknown>
  const read = async (name: string): Promise<string | undefined> => {
    const path = options[name]
    if (path === undefined || path === '') return undefined
    if (typeof path !== 'string' || !isAbsolute(path))
      throw broken(file, `its TLSConfig.${name} is not an absolute path`)
    return readBounded(path)
  }
  const [ca, cert, key] = await Promise.all([read('CAFile'), read('CertFile'), read('KeyFile')])
  return {
    verify: options['InsecureSkipVerify'] !== true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

async function readBounded(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > LARGEST_FILE) throw broken(file, `it is larger than ${LARGEST_FILE} bytes`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw broken(file, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function broken(file: string, why: string): EngineError {
  return new EngineError('plugin-failed', `the plugin file ${file} is of no use: ${why}`)
}

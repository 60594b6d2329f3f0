/** The config.json of a container's bundle (OCI runtime specification): what a runtime noted for itself. */
import { readFileOfProcess } from '../../kernel/index.ts'
import { asArray, asLabels, asText, memberOf, parseJson } from './foreign-value.ts'

/** What is read of a bundle. */
export interface OciBundle {
  readonly annotations: Readonly<Record<string, string>>
  readonly hostname: string | undefined
  /**
   * `private`: a namespace made for the container. `joined`: that of another process. `host`: none of its own.
   * A runtime that makes the namespace itself and names it by path counts as `private`.
   */
  readonly network: 'private' | 'joined' | 'host'
}

/** Bytes of a config.json that are read; real ones have 10 to 60 thousand. */
const BUNDLE_LIMIT = 1024 * 1024

/** Reads a bundle as process `viewer` sees it. Undefined when it is not there or not to be understood. */
export function readBundle(viewer: number, directory: string): OciBundle | undefined {
  try {
    return parseBundle(readFileOfProcess(viewer, `${directory}/config.json`, BUNDLE_LIMIT).toString('utf8'))
  } catch {
    // Containers end while one looks at them, and other users' bundles may be closed to us.
    return undefined
  }
}

/** Understands a config.json. */
export function parseBundle(json: string): OciBundle | undefined {
  const config = parseJson(json)
  if (memberOf(config, 'ociVersion') === undefined) return undefined
  const namespaces = asArray(memberOf(memberOf(config, 'linux'), 'namespaces'))
  const network = namespaces.find((namespace) => memberOf(namespace, 'type') === 'network')
  return {
    annotations: asLabels(memberOf(config, 'annotations')),
    hostname: asText(memberOf(config, 'hostname')),
    network: network === undefined ? 'host' : joins(network) ? 'joined' : 'private',
  }
}

function joins(network: unknown): boolean {
  return /^\/proc\/\d+\/ns\/net$/.test(asText(memberOf(network, 'path')) ?? '')
}

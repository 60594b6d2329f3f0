/**
 * What Docker's mounts of namespaces tell by their names. They stand in `netns/` below its exec root, the name being the first
 * 12 characters of the sandbox's key: for an overlay `<epoch>-<network id>`, for a load balancer `lb_<network id>`.
 */

/** Meaning of a mount's name. `networkPrefix` is the beginning of a network's id. */
export type SandboxMount =
  | { readonly kind: 'overlay' | 'loadbalancer'; readonly networkPrefix: string }
  | { readonly kind: 'container'; readonly sandboxPrefix: string }
  | { readonly kind: 'ingress' }
  | { readonly kind: 'host' }

const IN_NETNS = /^(.*)\/netns\/([^/]+)$/

/** Understands the path of a mount; undefined when Docker would not mount there. */
export function parseSandboxMount(path: string): SandboxMount | undefined {
  const [, parent, name] = IN_NETNS.exec(path) ?? []
  // Names of ip-netns(8), not of Docker's.
  if (name === undefined || parent === '/run' || parent === '/var/run') return undefined
  if (name === 'default') return { kind: 'host' }
  if (name === 'ingress_sbox') return { kind: 'ingress' }
  if (/^[0-9a-f]{12}$/.test(name)) return { kind: 'container', sandboxPrefix: name }
  const balanced = /^lb_([0-9a-z]{9})$/.exec(name)?.[1]
  if (balanced !== undefined) return { kind: 'loadbalancer', networkPrefix: balanced }
  const overlaid = name.length === 12 ? /^\d+-([0-9a-z]+)$/.exec(name)?.[1] : undefined
  return overlaid === undefined ? undefined : { kind: 'overlay', networkPrefix: overlaid }
}

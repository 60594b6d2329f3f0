/** The runtimes that are asked on every host, in order of precedence. */
import { containerTraces } from './container-traces.ts'
import { containerdSource } from './containerd.ts'
import { dockerSource } from './docker/docker-source.ts'
import { dockerTraces } from './docker/docker-traces.ts'
import { lxcSource } from './lxc.ts'
import type { OwnerSource } from './owner-source.ts'
import { podmanSource } from './podman.ts'
import { oldestProcessSource } from './process.ts'
import { systemdSource } from './systemd.ts'

/** All sources. @param environment of the program; DOCKER_HOST names one more daemon */
export function defaultSources(environment: Readonly<Record<string, string | undefined>>): OwnerSource[] {
  return [
    // Before Docker's API, which Podman speaks as well, but without telling who shares whose namespace.
    podmanSource(),
    dockerSource(environment),
    containerdSource(),
    dockerTraces(),
    containerTraces(),
    lxcSource(),
    systemdSource(),
    oldestProcessSource(),
  ]
}

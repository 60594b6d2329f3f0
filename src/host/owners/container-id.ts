/** Container ids in control group paths. */

/** Ids of Docker, Podman and most containerd clients: 32 bytes in hexadecimal, not within a longer run of such digits. */
const FULL_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/**
 * The innermost container of a control group path: `/docker/<id>`, `/system.slice/docker-<id>.scope`, or below any parent
 * that the user chose. A container in a container has both ids, the outer first.
 */
export function containerIdOf(cgroup: string): string | undefined {
  return cgroup.match(FULL_ID)?.at(-1)
}

/** Commands to a container's own daemon. */
import type { WantedContainer } from '../intent/intent.ts'
import { shellWord } from '../remedy/command-line.ts'

const DEFAULT_HOST = 'unix:///run/docker.sock'

/** A line for the docker command, towards the daemon that has this container. */
export function dockerCommand({ host }: Pick<WantedContainer, 'host'>, ...words: readonly string[]): string {
  const usual = host === null || host === DEFAULT_HOST || host === 'unix:///var/run/docker.sock'
  return ['docker', ...(usual ? [] : ['--host', host]), ...words].map(shellWord).join(' ')
}

/** The host driver: its one network is the host's own, and what joins it uses the host's interfaces as they are. */
import type { NetworkDriver } from '../driver.ts'
import { idleDriver } from '../null/idle-driver.ts'

/** Makes the host driver. */
export function createHostDriver(): NetworkDriver {
  return idleDriver('host')
}

/** The null driver: its one network is none at all, and a sandbox in it has its loopback and nothing else. */
import type { NetworkDriver } from '../driver.ts'
import { idleDriver } from './idle-driver.ts'

/** Makes the null driver. */
export function createNullDriver(): NetworkDriver {
  return idleDriver('null')
}

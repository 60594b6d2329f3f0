/** The steps of the kernel, joined: each is in a file of its own and calls the others through the walk. */
import { receive } from './ip/receive.ts'
import { send } from './ip/send.ts'
import { arrive } from './link/arrive.ts'
import { transmit } from './link/transmit.ts'
import type { Steps } from './walk.ts'

/** All of them. */
export const steps: Steps = { transmit, arrive, send, receive }

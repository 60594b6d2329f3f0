/**
 * The remote driver: a network driver that is one of Docker's plugins. Read `remote-driver.ts` for what is called when,
 * `requests.ts` for what is sent, `answers.ts` for what may come back.
 */
export { createRemoteDriver } from './remote-driver.ts'

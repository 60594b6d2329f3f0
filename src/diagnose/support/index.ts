/** An archive for a second person: `collect.ts` gathers, `without-secrets.ts` leaves out, `tar.ts` packs. */
export { collectSupport, type SupportIndex, type SupportOptions } from './collect.ts'
export { type ArchiveFile, tarArchive } from './tar.ts'

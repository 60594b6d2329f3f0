/** A listening unix socket and its file. */
import { once } from 'node:events'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createConnection, type Server } from 'node:net'
import { dirname } from 'node:path'

/** Bytes of sockaddr_un's path with its NUL (unix(7)); Node cuts longer ones off without a word. */
const PATH_SIZE = 108

/**
 * Makes a server listen at `path`, for root alone. A file that a killed process left is replaced; one that somebody answers
 * on is not.
 * @returns removes the file, if it is still the one that was made here
 * @throws Error when the path is taken
 */
export async function claimSocket(path: string, server: Server): Promise<() => void> {
  if (Buffer.byteLength(path) >= PATH_SIZE) throw new Error(`the path of the socket is too long: ${path}`)
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const former = lstatSync(path, { throwIfNoEntry: false })
  if (former !== undefined) {
    if (!former.isSocket()) throw new Error(`${path} is no socket; move it away`)
    if (await answers(path)) throw new Error(`another process answers at ${path} already; stop it first`)
    rmSync(path, { force: true })
  }
  const listening = once(server, 'listening')
  listenForRoot(server, path)
  await listening
  const { ino, dev } = lstatSync(path)
  return () => {
    const now = lstatSync(path, { throwIfNoEntry: false })
    if (now !== undefined && now.ino === ino && now.dev === dev) rmSync(path, { force: true })
  }
}

/** Node makes the file before `listen` returns; there is no instant at which others could open it. */
function listenForRoot(server: Server, path: string): void {
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

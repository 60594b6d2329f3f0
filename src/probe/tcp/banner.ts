/** What a server says by itself when somebody connects. */
import { Socket } from 'node:net'

/** Bytes that are read at most. */
const LONGEST = 512

/**
 * The first line that comes in within a time, without its end; null when nothing does. Closes the connection.
 * @param descriptor of a connected socket, which this takes over
 */
export function readBanner(descriptor: number, milliseconds: number, signal?: AbortSignal): Promise<string | null> {
  const socket = new Socket({ fd: descriptor })
  return new Promise((resolve) => {
    let said = Buffer.alloc(0)
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      socket.destroy()
      const [line] = said.subarray(0, LONGEST).toString('utf8').split(/\r?\n/, 1)
      resolve(said.length === 0 ? null : line!)
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted === true) end()
    socket.on('error', end)
    socket.on('close', end)
    socket.on('data', (bytes) => {
      said = Buffer.concat([said, bytes])
      if (said.length >= LONGEST || said.includes(0x0a)) end()
    })
  })
}

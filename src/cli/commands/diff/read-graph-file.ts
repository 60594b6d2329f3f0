/** Reads a saved map from a file, of which nothing is trusted. */
import { open } from 'node:fs/promises'
import { type Graph, GraphFormatError, readGraph } from '../../../host/index.ts'
import { CannotError } from '../../command.ts'

/** Largest file that is read, in bytes: JavaScript's longest string is little longer. */
const LARGEST_FILE = 512 * 1024 * 1024

/**
 * Reads a graph.
 * @throws CannotError for a file that cannot be read, is too large, or is no graph; it names the field that is wrong
 */
export async function readGraphFile(path: string): Promise<Graph> {
  const content = await readText(path)
  try {
    return readGraph(JSON.parse(content))
  } catch (error) {
    if (error instanceof GraphFormatError) {
      throw new CannotError(`${path} is not a map of netwright: ${error.message}; make one with netwright map --json`)
    }
    if (error instanceof SyntaxError) {
      throw new CannotError(`${path} is not JSON (${error.message}); make a map with netwright map --json`)
    }
    throw error
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readBounded(path)
  } catch (error) {
    if (error instanceof CannotError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CannotError(`${path} cannot be read (${reason}); name a file that netwright map --json saved`)
  }
}

/** Reads piece by piece: the size of a pipe or of a file that grows is not known beforehand. */
async function readBounded(path: string): Promise<string> {
  await using file = await openFile(path)
  const pieces: Buffer[] = []
  let size = (await file.handle.stat()).size
  if (size <= LARGEST_FILE) {
    size = 0
    for await (const piece of file.handle.createReadStream({ autoClose: false })) {
      pieces.push(piece)
      size += piece.length
      if (size > LARGEST_FILE) break
    }
  }
  if (size > LARGEST_FILE) throw new CannotError(`${path} is larger than 512 MiB: no map of a host is`)
  return Buffer.concat(pieces).toString('utf8')
}

async function openFile(path: string) {
  const handle = await open(path, 'r')
  return { handle, [Symbol.asyncDispose]: () => handle.close() }
}

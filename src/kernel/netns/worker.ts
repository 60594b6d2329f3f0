/**
 * A thread that lives in a network namespace. Node's own modules then work in there: `net`, `http`, `dgram`, and child
 * processes.
 */
import { access } from 'node:fs'
import { createRequire } from 'node:module'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { enter, type NamespaceHandle } from './enter.ts'

// Loaded when it is needed: that takes a millisecond, and every command loads this room.
const require = createRequire(import.meta.url)

/**
 * Starts a worker thread in a namespace. A new thread is in the namespace of the thread that makes it (clone(2)), and Node
 * makes it before the constructor returns, so the worker is inside from its first instruction and needs no code of ours.
 *
 * Two things stay at home, since all threads of a process share them: files, and `dns.lookup`, which is what turns a host
 * name into an address when one is given to `net` or `http`. `dns.resolve` asks from within the namespace.
 * @param entry the worker's module, as `Worker` takes it
 * @throws KernelError EPERM when the namespace may not be entered
 */
export function spawnInNamespace(namespace: NamespaceHandle, entry: string | URL, options: WorkerOptions = {}): Worker {
  const threads: typeof import('node:worker_threads') = require('node:worker_threads')
  startThreadPool()
  return enter(namespace, () => new threads.Worker(entry, options))
}

/**
 * Node's thread pool is made by the first thread that needs it, and its threads live where that thread lives. Had a worker
 * made it, everything that the program looks up later would be looked up in the worker's namespace.
 */
function startThreadPool(): void {
  access('/', () => {})
}

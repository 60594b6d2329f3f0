import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GatherWriter } from './gather-writer.ts'
import { memoryAddress } from './libpcap.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nwt-gather-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

test('pieces come out in order, more of them than one call takes', () => {
  const path = join(folder, 'file')
  const fd = openSync(path, 'w')
  const memory = Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 0xff))
  const writer = new GatherWriter(fd, 'a file')
  for (let at = 0; at < memory.length; at += 2) writer.add(memoryAddress(memory) + at, 2)
  expect(writer.total).toBe(5000)
  writer.write(Buffer.from('end'))
  closeSync(fd)
  expect(readFileSync(path)).toEqual(Buffer.concat([memory, Buffer.from('end')]))
})

test('what a pipe takes bit by bit arrives whole', async () => {
  const path = join(folder, 'out')
  const fifo = join(folder, 'fifo')
  // The reader is slow at first, so that the pipe is full and takes parts only.
  const script = `mkfifo ${fifo}; echo ready; { sleep 0.2; cat; } < ${fifo} > ${path}`
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const fd = openSync(fifo, 'w')
  const memory = Buffer.alloc(700_000, 'netwright ')
  const writer = new GatherWriter(fd, 'a pipe')
  for (let at = 0; at < memory.length; at += 7000) writer.add(memoryAddress(memory) + at, 7000)
  writer.flush()
  closeSync(fd)
  await ended
  expect(readFileSync(path).equals(memory)).toBe(true)
})

test('a descriptor that takes nothing is told', () => {
  const fd = openSync('/dev/full', 'w')
  try {
    expect(() => new GatherWriter(fd, 'a full disk').write(Buffer.from('x'))).toThrow(/ENOSPC/)
  } finally {
    closeSync(fd)
  }
})

import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkMonitor } from '../../src/kernel/netlink/monitor.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'

const name = `nwt-watch-${process.pid}`
const RTMGRP_LINK = 1

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', name])
})

afterAll(() => {
  execFileSync('ip', ['netns', 'delete', name])
})

/** Has the kernel announce changes of a link while this process cannot read them. */
function changeLink(times: number): void {
  const lines = Array.from({ length: times }, () => 'link set lo up\nlink set lo down\n')
  execFileSync('ip', ['-n', name, '-batch', '-'], { input: lines.join('') })
}

test('a socket that overran is still watched: later announcements arrive by themselves', async () => {
  const namespace = Namespace.open({ name })
  const monitor = new NetlinkMonitor({
    protocol: NetlinkProtocol.route,
    groups: RTMGRP_LINK,
    namespace,
    receiveBuffer: 2048,
    decode: (header) => header.type,
  })
  const items: string[] = []
  const reading = (async () => {
    for await (const item of monitor) items.push(item.kind)
  })()
  try {
    changeLink(100)
    await expect.poll(() => items).toContain('gap')
    items.length = 0
    changeLink(1)
    await expect.poll(() => items).toContain('announcements')
  } finally {
    monitor.close()
    namespace.close()
    await reading
  }
})

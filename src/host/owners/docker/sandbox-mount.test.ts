import { expect, test } from 'vitest'
import { parseSandboxMount } from './sandbox-mount.ts'

// Names as Docker 20.10 gave them to the mounts of a swarm node.
test.each([
  ['/run/docker/netns/default', { kind: 'host' }],
  ['/run/docker/netns/ingress_sbox', { kind: 'ingress' }],
  ['/run/docker/netns/1-povttvslnq', { kind: 'overlay', networkPrefix: 'povttvslnq' }],
  ['/run/docker/netns/12-povttvsln', { kind: 'overlay', networkPrefix: 'povttvsln' }],
  ['/run/docker/netns/lb_ar41maqss', { kind: 'loadbalancer', networkPrefix: 'ar41maqss' }],
  ['/run/docker/netns/65c66ebfaa09', { kind: 'container', sandboxPrefix: '65c66ebfaa09' }],
  ['/tmp/other exec root/netns/65c66ebfaa09', { kind: 'container', sandboxPrefix: '65c66ebfaa09' }],
])('%s', (path, mount) => {
  expect(parseSandboxMount(path)).toEqual(mount)
})

test.each([
  '/run/netns/65c66ebfaa09',
  '/var/run/netns/default',
  '/run/docker/netns/1-short',
  '/run/docker/netns/65C66EBFAA09',
  '/run/docker/netns/x/65c66ebfaa09',
  '/proc/7/ns/net',
  '',
])("not one of Docker's: %j", (path) => {
  expect(parseSandboxMount(path)).toBeUndefined()
})

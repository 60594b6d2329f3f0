/** What control group paths tell, in the forms that drivers and runtimes give them. */
import { expect, test } from 'vitest'
import { containerIdOf } from './container-id.ts'
import { containerOfCgroup } from './container-traces.ts'
import { lxcContainerOf } from './lxc.ts'
import { unitOf } from './systemd.ts'

const ID = '5d41402abc4b2a76b9719d911017c592ae3f0d5b2a0e7f1c9b8d7e6f5a4b3c2d'
const OUTER = 'f'.repeat(64)
const POD = 'a'.repeat(64)

test.each([
  ["Docker's with the cgroupfs driver", `/docker/${ID}`, 'docker'],
  ["Docker's with the systemd driver", `/system.slice/docker-${ID}.scope`, 'docker'],
  ["Docker's below another container", `/docker/${OUTER}/docker/${ID}`, 'docker'],
  ["Docker's with processes in groups of their own", `/docker/${ID}/init.scope`, 'docker'],
  ["Podman's with the systemd driver", `/machine.slice/libpod-${ID}.scope/container`, 'podman'],
  ["Podman's with the cgroupfs driver", `/libpod_parent/libpod-${ID}`, 'podman'],
  ["a user's Podman's", `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, 'podman'],
  ["a Podman pod's", `/machine.slice/machine-libpod_pod_${POD}.slice/libpod-${ID}.scope`, 'podman'],
  ["containerd's of Kubernetes", `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`, 'containerd'],
  ["Kubernetes' with the cgroupfs driver", `/kubepods/besteffort/pod8f4c0b5e/${ID}`, 'kubernetes'],
  ["CRI-O's", `/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope`, 'cri-o'],
])('the container is %s', (_, cgroup, runtime) => {
  expect(containerIdOf(cgroup)).toBe(ID)
  expect(containerOfCgroup(cgroup)).toEqual({
    role: 'container',
    owner: { runtime, id: ID, name: '5d41402abc4b', labels: {} },
  })
})

test('any parent that the user chose is passed over, but does not tell the runtime', () => {
  expect(containerIdOf(`/custom/parent/${ID}`)).toBe(ID)
  expect(containerOfCgroup(`/custom/parent/${ID}`)).toBeUndefined()
})

test.each(['', '/', '/user.slice', `/docker/${ID}0`, `/docker/${ID.slice(1)}`, `/docker/${ID.toUpperCase()}`])(
  'no container in %j',
  (cgroup) => {
    expect(containerIdOf(cgroup)).toBeUndefined()
  },
)

test.each([
  ['/lxc.payload.c1/system.slice/ssh.service', 'c1'],
  ['/lxc.payload/c1', 'c1'],
  ['/lxc/web/init.scope', 'web'],
  ['/machine.slice/lxc.payload.my-box', 'my-box'],
])('LXC: %s', (cgroup, name) => {
  expect(lxcContainerOf(cgroup)).toEqual({ role: 'container', owner: { runtime: 'lxc', id: name, name, labels: {} } })
})

test("LXC's monitor is not in the container", () => {
  expect(lxcContainerOf('/lxc.monitor.c1')).toBeUndefined()
})

test.each([
  ['/system.slice/nginx.service', 'nginx.service', 'nginx.service', 'anonymous'],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service', 'getty@tty1.service', 'anonymous'],
  ['/user.slice/user-1.slice/user@1.service/app.slice/foot.service', 'foot.service', 'foot.service', 'anonymous'],
  ['/machine.slice/machine-deb.scope/payload/system.slice/cron.service', 'machine-deb.scope', 'deb', 'container'],
  [
    '/machine.slice/systemd-nspawn@my\\x2dbox.service/payload',
    'systemd-nspawn@my\\x2dbox.service',
    'my-box',
    'container',
  ],
])('systemd: %s', (cgroup, id, name, role) => {
  expect(unitOf(cgroup)).toEqual({ role, owner: { runtime: 'systemd', id, name, labels: {} } })
})

test.each(['/user.slice/user-0.slice/session-3.scope', '/user.slice/user-1.slice/user@1.service/init.scope', '/', ''])(
  'no unit in %j',
  (cgroup) => {
    expect(unitOf(cgroup)).toBeUndefined()
  },
)

import { expect, test } from 'vitest'
import type { OwnerEvidence } from '../owner-source.ts'
import { withinJurisdiction } from './jurisdiction.ts'

const OUTER = 'e'.repeat(64)
const INNER = '1'.repeat(64)
const cgroups = [
  `/docker/${INNER}`,
  `/system.slice/docker-${OUTER}.scope/docker/${INNER}`,
  `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${INNER}.scope`,
]
const evidence: OwnerEvidence = {
  processes: cgroups.map((cgroup, pid) => ({ pid, inode: String(pid), command: 'sh', cgroup })),
  daemons: [],
  mounts: [],
}

function claimable(user: number, cgroup: string): number[] {
  return withinJurisdiction(evidence, { user, cgroup }).processes.map(({ pid }) => pid)
}

test("the host's root daemon is believed about everything", () => {
  expect(claimable(0, '/system.slice/docker.service')).toEqual([0, 1, 2])
})

test('a daemon in a container is believed about containers in that container', () => {
  expect(claimable(0, `/system.slice/docker-${OUTER}.scope`)).toEqual([1])
})

test("a user's daemon is believed about that user's containers", () => {
  expect(claimable(1000, '/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service')).toEqual([2])
  expect(claimable(1001, '/user.slice/user-1001.slice/user@1001.service')).toEqual([])
  expect(claimable(33, '/')).toEqual([])
})

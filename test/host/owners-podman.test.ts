/** Podman's claims, from real containers and with no service running. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askOwners } from '../../src/host/owners/ask-owners.ts'
import { defaultSources } from '../../src/host/owners/default-sources.ts'
import type { OwnerAnswer } from '../../src/host/owners/owner-source.ts'
import { gatherEvidence, inodeOf } from '../support/owner-evidence.ts'
import { hasPodman, Podman } from '../support/podman.ts'

describe.skipIf(!hasPodman)('containers of Podman', () => {
  let podman: Podman
  let answer: OwnerAnswer

  beforeAll(async () => {
    podman = await Podman.start()
    podman.run('network', 'create', '--disable-dns', '--subnet', '10.97.0.0/24', 'shop')
    podman.runContainer('web', '--network', 'shop', '--label', 'tier=front')
    podman.runContainer('sidecar', '--network', 'container:web')
    podman.runContainer('hermit', '--network', 'none')
    podman.createPod('crew')
    podman.runContainer('sailor', '--pod', 'crew')
    const evidence = gatherEvidence((pid) => podman.owns(pid))
    answer = await askOwners(evidence, defaultSources({}), { deadlineMilliseconds: 10_000 })
  })
  afterAll(() => podman?.stop())

  function ownersOf(pid: number) {
    const claims = answer.claims.filter((claim) => claim.inode === inodeOf(pid))
    return claims.map(({ owner, role }) => [role, owner.runtime, owner.name])
  }

  test('are named by what their monitors were told', () => {
    expect(ownersOf(podman.pidOf('hermit'))).toEqual([['container', 'podman', 'hermit']])
  })

  test('that share a namespace are both named, the one that it was made for first', () => {
    const expected = ['web', 'sidecar'].map((name) => ['container', 'podman', name])
    expect(ownersOf(podman.pidOf('web'))).toEqual(expected)
  })

  test("of a pod come before the pod's own", () => {
    const owners = ownersOf(podman.pidOf('sailor'))
    expect(owners[0]).toEqual(['container', 'podman', 'sailor'])
    expect(owners[1]?.[2]).toMatch(/-infra$/)
    expect(owners).toHaveLength(2)
  })

  test('have the id that Podman knows', () => {
    const id = podman.run('inspect', '--format', '{{.Id}}', 'web')
    expect(answer.claims.find(({ owner }) => owner.name === 'web')?.owner.id).toBe(id)
  })

  test('are on networks that are read from their files, with the bridge and where it lives', () => {
    const [shop] = answer.networks.filter(({ name }) => name === 'shop')
    const bridge = podman.run('network', 'inspect', '--format', '{{.NetworkInterface}}', 'shop')
    expect(shop).toMatchObject({ runtime: 'podman', driver: 'bridge', subnets: ['10.97.0.0/24'], bridgeName: bridge })
    expect(shop?.daemonInode).toBe(inodeOf(podman.pid))
    expect(shop?.id).toBe(podman.run('network', 'inspect', '--format', '{{.ID}}', 'shop'))
  })

  test('have their labels and addresses when DOCKER_HOST leads to its service, and no second owner', async () => {
    const environment = { DOCKER_HOST: `unix://${await podman.serve()}` }
    const evidence = gatherEvidence((pid) => podman.owns(pid))
    const more = await askOwners(evidence, defaultSources(environment), { deadlineMilliseconds: 10_000 })
    const names = ({ claims }: OwnerAnswer) => claims.map(({ inode, owner }) => [inode, owner.runtime, owner.name])
    const isContainer = ([, runtime]: (string | undefined)[]) => runtime === 'podman'
    expect(names(more).filter(isContainer)).toEqual(names(answer).filter(isContainer))
    const web = more.claims.find(({ owner }) => owner.name === 'web')
    expect(web?.owner.labels).toMatchObject({ tier: 'front' })
    expect(web?.endpoints).toEqual([{ network: 'shop', mac: expect.any(String), addresses: ['10.97.0.2/24'] }])
    expect(more.networks.filter(({ name }) => name === 'shop')).toHaveLength(1)
  })
})

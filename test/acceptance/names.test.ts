/** A container's name in /run/netns: given, working, stale after a restart, mended, taken away. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const web = `nwt-accept-names-${process.pid}`
let docker: Dockerd
let state: string

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), `${web}-`))
  docker = await startDockerd()
  docker.run('network', 'create', '--subnet', '10.95.0.0/24', 'shop')
  docker.runContainer(web, '--network', 'shop')
})
afterAll(async () => {
  if (existsSync(`/run/netns/${web}`)) execFileSync('ip', ['netns', 'delete', web])
  rmSync(state, { recursive: true })
  await docker?.stop()
})

const ns = (...words: string[]) => runProgram(['ns', ...words], { environment: { NETWRIGHT_STATE: state } })
/** IPv4 addresses of eth0, as `ip netns exec` shows them: none when there is no such interface. */
function addresses(): string[] {
  const answer = execFileSync('ip', ['netns', 'exec', web, 'ip', '-json', '-4', 'address'], { encoding: 'utf8' })
  const links = JSON.parse(answer) as { ifname?: string; addr_info: { local: string }[] }[]
  return links.filter(({ ifname }) => ifname === 'eth0').flatMap((link) => link.addr_info.map(({ local }) => local))
}

test('ns attach, a restart, ns list, ns repair, ns detach', () => {
  expect(ns('attach', `docker:${web}`)).toMatchObject({ code: 0, remarks: expect.not.stringContaining(web) })
  expect(addresses()).toEqual(['10.95.0.2'])

  // While it is down somebody else takes its address: what comes back is another namespace with another address.
  docker.run('stop', '--time', '0', web)
  docker.runContainer('thief', '--network', 'shop')
  docker.run('start', web)
  expect(addresses()).toEqual([])
  const { answer } = ns('list')
  expect(answer).toContain(`/run/netns/${web} (stale)`)
  expect(answer).toMatch(new RegExp(`ns repair[^]*${web}: docker:${web} now lives in namespace \\d+`))
  const listed = JSON.parse(ns('list', '--json').answer)
  expect(schemaFaults('namespaces', listed)).toEqual([])
  expect(listed.names).toContainEqual(expect.objectContaining({ name: web, stale: true, condition: 'container-moved' }))

  expect(ns('repair', web).code).toBe(0)
  expect(addresses()).toEqual(['10.95.0.3'])
  expect(ns('list').answer).not.toContain(`/run/netns/${web} (stale)`)
  expect(ns('detach', web).code).toBe(0)
  expect(existsSync(`/run/netns/${web}`)).toBe(false)
})

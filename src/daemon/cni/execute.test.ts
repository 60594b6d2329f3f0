import { expect, test } from 'vitest'
import { type CniAnswer, executeCni } from './execute.ts'

const NETWORK = { cniVersion: '1.1.0', name: 'net', type: 'netwright', ipam: { subnet: '10.1.0.0/24' } }
const ADD = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0' }

/** A call that must not get as far as the engine. */
async function refused(environment: Record<string, string>, configuration: unknown): Promise<Record<string, unknown>> {
  const input = typeof configuration === 'string' ? configuration : JSON.stringify(configuration)
  const answer: CniAnswer = await executeCni({ environment, input }, async () => {
    throw new Error('the engine was asked')
  })
  expect(answer.exitCode).toBe(1)
  return answer.output as Record<string, unknown>
}

test('VERSION lists the versions and needs neither a container nor a whole configuration', async () => {
  const call = { environment: { CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.0.0"}' }
  const answer = await executeCni(call, () => Promise.reject(new Error('the engine was asked')))
  expect(answer).toEqual({
    exitCode: 0,
    output: { cniVersion: '1.0.0', supportedVersions: ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] },
  })
})

test.each([
  ['without a verb', { CNI_COMMAND: '' }, 'CNI_COMMAND is not set'],
  ['with an unknown verb', { CNI_COMMAND: 'UPDATE' }, 'CNI_COMMAND is "UPDATE"'],
  ['without a container', { CNI_CONTAINERID: '' }, 'CNI_CONTAINERID is not set'],
  ['with a container id that begins with a dot', { CNI_CONTAINERID: '.x' }, 'CNI_CONTAINERID is ".x"'],
  ['with a container id that is a path', { CNI_CONTAINERID: 'a/../b' }, 'CNI_CONTAINERID'],
  ['without a namespace', { CNI_NETNS: '' }, 'CNI_NETNS is not set'],
  ['with a relative path', { CNI_NETNS: 'netns/c1' }, 'an absolute path'],
  ['with an interface name of 16 characters', { CNI_IFNAME: 'abcdefghijklmnop' }, 'CNI_IFNAME'],
  ['with a slash in the interface name', { CNI_IFNAME: 'a/b' }, 'CNI_IFNAME'],
  ['with broken arguments', { CNI_ARGS: 'IP' }, 'CNI_ARGS'],
])('a call %s is refused with code 4, naming the variable', async (_, change, message) => {
  const answer = await refused({ ...ADD, ...change }, NETWORK)
  expect(answer).toMatchObject({ cniVersion: '1.1.0', code: 4 })
  expect(answer['msg']).toContain(message)
})

test.each([
  ['that is no JSON', '{', 6],
  ['that is empty', '', 6],
  ['that is a list', '[]', 7],
  ['of a version that is not spoken', { ...NETWORK, cniVersion: '0.1.0' }, 1],
  ['without a version', { ...NETWORK, cniVersion: undefined }, 1],
  ['without a name', { ...NETWORK, name: '' }, 7],
  ['whose name is a path', { ...NETWORK, name: '../net' }, 7],
  ['with a field that would be ignored', { ...NETWORK, vlan: 5 }, 2],
  ['with addresses from another plugin', { ...NETWORK, ipam: { type: 'host-local' } }, 2],
  ['with an ipam that names no subnet', { ...NETWORK, ipam: {} }, 7],
  ['with an MTU that is a text', { ...NETWORK, mtu: '1500' }, 7],
  ['with a port mapping without a port', { ...NETWORK, runtimeConfig: { portMappings: [{ hostPort: 80 }] } }, 7],
  ['with a route without a destination', { ...NETWORK, ipam: { subnet: '10.1.0.0/24', routes: [{}] } }, 7],
])('a configuration %s is refused', async (_, configuration, code) => {
  expect(await refused(ADD, configuration)).toMatchObject({ code })
})

test('a refusal names the version that the configuration speaks', async () => {
  expect(await refused(ADD, { ...NETWORK, cniVersion: '0.4.0', name: '' })).toMatchObject({ cniVersion: '0.4.0' })
  expect(await refused(ADD, { ...NETWORK, cniVersion: '9.9.9' })).toMatchObject({ cniVersion: '9.9.9', code: 1 })
})

test('verbs are refused in versions that do not have them', async () => {
  expect(await refused({ ...ADD, CNI_COMMAND: 'CHECK' }, { ...NETWORK, cniVersion: '0.3.1' })).toMatchObject({
    code: 1,
  })
  expect(await refused({ CNI_COMMAND: 'GC' }, { ...NETWORK, cniVersion: '1.0.0' })).toMatchObject({ code: 1 })
  expect(await refused({ CNI_COMMAND: 'STATUS' }, { ...NETWORK, cniVersion: '1.0.0' })).toMatchObject({ code: 1 })
})

test('a failure of the engine is an error document too', async () => {
  const call = { environment: ADD, input: JSON.stringify(NETWORK) }
  const answer = await executeCni(call, () => Promise.reject(new Error('no more')))
  expect(answer).toEqual({ exitCode: 1, output: { cniVersion: '1.1.0', code: 100, msg: 'no more' } })
})

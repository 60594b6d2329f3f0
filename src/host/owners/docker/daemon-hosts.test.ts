import { expect, test } from 'vitest'
import { configFileOf, configuredHosts, hostArguments, parseDaemonHost } from './daemon-hosts.ts'

test.each([
  ['unix:///run/docker.sock', { kind: 'unix', path: '/run/docker.sock' }],
  ['unix://', { kind: 'unix', path: '/run/docker.sock' }],
  ['fd://', { kind: 'unix', path: '/run/docker.sock' }],
  ['fd://docker.socket', { kind: 'unix', path: '/run/docker.sock' }],
  ['/tmp/d.sock', { kind: 'unix', path: '/tmp/d.sock' }],
  ['tcp://10.0.0.1:2376', { kind: 'tcp', host: '10.0.0.1', port: 2376 }],
  ['tcp://example.net', { kind: 'tcp', host: 'example.net', port: 2375 }],
  ['tcp://[::1]:99/', { kind: 'tcp', host: '::1', port: 99 }],
  ['tcp://:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
])('%s', (text, host) => {
  expect(parseDaemonHost(text)).toEqual(host)
})

test.each([
  'ssh://me@host',
  'npipe:////./pipe/docker',
  'unix://relative',
  'tcp://h:0',
  'tcp://h:70000',
  'tcp://a:b',
  'x',
  '',
])('not understood: %j', (text) => {
  expect(parseDaemonHost(text)).toEqual({ kind: 'unsupported', text })
})

test("all spellings of a daemon's hosts", () => {
  const argv = ['dockerd', '-H', 'fd://', '-Hunix:///a', '-H=unix:///b', '--host', 'unix:///c', '--host=tcp://d', '-D']
  expect(hostArguments(argv)).toEqual(['fd://', 'unix:///a', 'unix:///b', 'unix:///c', 'tcp://d'])
  expect(hostArguments(['dockerd', '--host'])).toEqual([])
})

test('the configuration file and its hosts', () => {
  expect(configFileOf(['dockerd'])).toBe('/etc/docker/daemon.json')
  expect(configFileOf(['dockerd', '--config-file', '/x.json'])).toBe('/x.json')
  expect(configuredHosts('{"hosts":["unix:///x",7]}')).toEqual(['unix:///x'])
  for (const broken of ['', '{', '[]', 'null', '{"hosts":{}}']) expect(configuredHosts(broken)).toEqual([])
})

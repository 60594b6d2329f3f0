import { expect, test } from 'vitest'
import { LEFT_OUT, withoutSecrets } from './without-secrets.ts'

test('variables, arguments and what is called like a secret are left out; the rest stays', () => {
  const document = {
    Id: 'abc',
    Env: ['PASSWORD=hunter2'],
    Command: 'server --password hunter2',
    Labels: { 'com.example.db-password': 'hunter2', 'org.example.api_key': 'hunter2', role: 'web' },
    Options: { encrypted: 'true', 'com.docker.network.driver.mtu': '1450' },
    privateKey: 'hunter2',
    presharedKey: 'hunter2',
    Swarm: { JoinTokens: { Worker: 'SWMTKN-hunter2' } },
    proxy: 'http://me:hunter2@proxy:3128',
    command: 'nginx',
    mac: '02:00:00:00:00:01',
    keepalive: 25,
    nested: [{ token: 'hunter2', port: 80 }],
  }
  const text = JSON.stringify(withoutSecrets(document))
  expect(text).not.toContain('hunter2')
  expect(withoutSecrets(document)).toMatchObject({
    Id: 'abc',
    Labels: { role: 'web', 'com.example.db-password': LEFT_OUT },
    Options: { 'com.docker.network.driver.mtu': '1450' },
    command: 'nginx',
    mac: '02:00:00:00:00:01',
    keepalive: 25,
    nested: [{ port: 80 }],
  })
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { Ipvs, type IpvsServiceKey } from '../../src/kernel/genetlink/index.ts'
import { GuestNamespace } from './guest-namespace.ts'

const web: IpvsServiceKey = { protocol: 'tcp', address: '10.9.0.1', port: 80 }

test('a service and its destinations are as ipvsadm lists them', () => {
  using guest = new GuestNamespace('nwt-ipvs')
  const ipvs = Ipvs.open(guest.namespace, { load: true })
  ipvs.addService(web, { scheduler: 'rr', flags: ['persistent'], persistenceTimeout: 300, persistencePrefix: 24 })
  ipvs.addDestination(web, { address: '10.0.0.2', port: 8080 }, { forwarding: 'masquerade', weight: 3 })
  ipvs.addDestination(
    web,
    { address: '10.0.0.3', port: 80 },
    { forwarding: 'direct-route', weight: 0, upperThreshold: 9 },
  )
  const listed = guest.run('ipvsadm', ['-Ln']).replaceAll(/ +/g, ' ')
  assert.match(listed, /TCP 10\.9\.0\.1:80 rr persistent 300 mask 255\.255\.255\.0/)
  assert.match(listed, /-> 10\.0\.0\.2:8080 Masq 3 0 0/)
  assert.match(listed, /-> 10\.0\.0\.3:80 Route 0 0 0/)
  ipvs.close()
})

test('what ipvsadm makes is read as it was made', () => {
  using guest = new GuestNamespace('nwt-ipvs')
  guest.run('ipvsadm', ['-A', '-t', '[fd00::1]:443', '-s', 'wrr'])
  guest.run('ipvsadm', ['-a', '-t', '[fd00::1]:443', '-r', '[fd00::2]:443', '-i', '-w', '7'])
  guest.run('ipvsadm', ['-A', '-f', '256', '-s', 'lc', '-o'])
  const ipvs = Ipvs.open(guest.namespace)
  const services = ipvs.services()
  assert.deepEqual(
    services
      .map(({ key, scheduler, flags, persistencePrefix }) => ({ key, scheduler, flags, persistencePrefix }))
      .sort((a, b) => a.scheduler.localeCompare(b.scheduler)),
    [
      { key: { firewallMark: 256, family: 'ipv4' }, scheduler: 'lc', flags: ['one-packet'], persistencePrefix: 32 },
      { key: { protocol: 'tcp', address: 'fd00::1', port: 443 }, scheduler: 'wrr', flags: [], persistencePrefix: 128 },
    ],
  )
  const [destination] = ipvs.destinations({ protocol: 'tcp', address: 'fd00::1', port: 443 })
  assert.equal(destination?.address, 'fd00::2')
  assert.equal(destination?.forwarding, 'tunnel')
  assert.equal(destination?.weight, 7)
  ipvs.close()
})

test('a service is looked up, changed and removed; one that is gone is undefined', () => {
  using guest = new GuestNamespace('nwt-ipvs')
  const ipvs = Ipvs.open(guest.namespace)
  assert.equal(ipvs.service(web), undefined)
  ipvs.addService(web, { scheduler: 'rr' })
  ipvs.addDestination(web, { address: '10.0.0.2', port: 80 }, { forwarding: 'masquerade', weight: 1 })
  assert.throws(() => ipvs.addService(web, { scheduler: 'rr' }), { code: 'EEXIST' })
  ipvs.updateService(web, { scheduler: 'wrr' })
  ipvs.updateDestination(web, { address: '10.0.0.2', port: 80 }, { forwarding: 'masquerade', weight: 5 })
  assert.equal(ipvs.service(web)?.scheduler, 'wrr')
  assert.deepEqual(
    ipvs.destinations(web).map((destination) => destination.weight),
    [5],
  )
  ipvs.removeDestination(web, { address: '10.0.0.2', port: 80 })
  assert.deepEqual(ipvs.destinations(web), [])
  ipvs.removeService(web)
  assert.equal(ipvs.service(web), undefined)
  ipvs.addService(web, { scheduler: 'rr' })
  ipvs.flush()
  assert.deepEqual(ipvs.services(), [])
  ipvs.close()
})

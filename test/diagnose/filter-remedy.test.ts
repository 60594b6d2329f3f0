/** The commands that let a packet pass: run as they are printed, they do. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filterRemedy } from '../../src/diagnose/filter/index.ts'
import type { Fix } from '../../src/diagnose/finding.ts'
import type { Packet } from '../../src/diagnose/path/packet.ts'
import { NamedNamespaces } from '../support/iproute.ts'
import { FilterWorld, packet, placeOf } from './filter-world.ts'

const namespaces = new NamedNamespaces('filter-remedy')
let world: FilterWorld

beforeAll(() => {
  world = new FilterWorld(namespaces, 'a')
})

afterAll(() => {
  world.close()
  namespaces.close()
})

/** Asks why a packet is refused, runs what is said to mend it, and sends the packet and its answer again. */
async function mend(sent: Packet): Promise<Fix> {
  const filters = world.rules()
  const refused = world.predict(filters, sent, 'client')
  expect((await world.send(sent, 'client')).verdict).toBe('drop')
  expect(refused.verdict).toBe('drop')
  const { rule } = refused.outcome
  const fix = filterRemedy(placeOf(world, filters), 'home', rule!, refused.outcome.packet, refused.visit)
  expect(fix.safe).toBe(false)
  for (const command of fix.commands) execFileSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] })
  const again = { ...sent, sourcePort: sent.sourcePort + 1 }
  const passed = await world.send(again, 'client')
  expect(passed.verdict, fix.commands.join('\n')).toBe('accept')
  if (refused.visit.hook === 'forward') {
    const { source, destination, sourcePort, destinationPort } = passed
    const answer = {
      ...again,
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
    }
    const sentBack = await world.send({ ...answer, tcpFlags: 18 }, 'server')
    expect(sentBack.verdict, fix.commands.join('\n')).toBe('accept')
  }
  return fix
}

/** What must stay refused. */
async function expectRefused(sent: Packet): Promise<void> {
  expect((await world.send(sent, 'client')).verdict).toBe('drop')
}

test('a rule that names the packet is deleted', async () => {
  world.nft(`table inet guard { chain transit {
    type filter hook forward priority 0; policy accept;
    tcp dport 22 drop
    ip saddr 10.1.0.2 tcp dport 80 counter drop
  } }`)
  const fix = await mend(packet({}))
  expect(fix.commands).toEqual([
    expect.stringMatching(/^ip netns exec \S+ nft delete rule inet guard transit handle 3$/),
  ])
  expect(fix.summary).toContain('Delete the rule "ip saddr 10.1.0.2 tcp dport 80 counter packets')
  await expectRefused(packet({ destinationPort: 22 }))
})

test('before a policy, and before the end of a chain, goes a rule for this flow alone, and for its answers', async () => {
  world.nft(`table inet guard {
    chain services { tcp dport 443 accept; counter reject with tcp reset; }
    chain transit { type filter hook forward priority 0; policy drop; meta l4proto tcp jump services; }
  }`)
  const fix = await mend(packet({}))
  expect(fix.commands, fix.commands.join('\n')).toHaveLength(2)
  await expectRefused(packet({ destinationPort: 81 }))
  await mend(packet({ protocol: 17, destinationPort: 53 }))
  await expectRefused(packet({ protocol: 17, destinationPort: 54 }))
})

test('where answers are accepted already, nothing is done for them', async () => {
  world.nft(`table inet guard { chain transit {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
  } }`)
  expect((await mend(packet({ source: '10.1.0.3' }))).commands).toHaveLength(1)
})

test('a chain that asks later, and refuses too, is dealt with in one go', async () => {
  world.nft(`
    table ip first { chain transit { type filter hook forward priority 0; policy accept; tcp dport 80 drop; tcp dport 1-100 drop; } }
    table inet second { chain transit { type filter hook forward priority 10; policy drop; ct state established accept; } }
  `)
  const fix = await mend(packet({}))
  expect(fix.commands).toHaveLength(3)
})

test('sets are left alone', async () => {
  world.nft(`table inet guard {
    set refused { type ipv4_addr; flags interval; elements = { 10.2.0.0/24 } }
    chain incoming { type filter hook forward priority 0; policy accept; ip daddr @refused drop; }
  }`)
  await mend(packet({ destination: '10.2.0.4' }))
  await expectRefused(packet({ destination: '10.2.0.3' }))
})

test('ports and addresses of IPv6', async () => {
  world.nft('table ip6 guard { chain transit { type filter hook forward priority 0; policy drop; } }')
  await mend(packet({ family: 'ipv6' }))
})

test.each(['nft', 'legacy'])('iptables-%s: rules, policies and Docker chains', async (backend) => {
  world.run(['nft', 'flush', 'ruleset'])
  world.observe()
  const rules = [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':DOCKER-USER - [0:0]',
    ':DOCKER-ISOLATION-STAGE-1 - [0:0]',
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -p udp --dport 7 -j DROP',
    '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
    '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -p udp --dport 7 -j ACCEPT',
    '-A DOCKER-USER -j RETURN',
    '-A DOCKER-ISOLATION-STAGE-1 -i r0 -o r1 -p tcp -j DROP',
    '-A DOCKER-ISOLATION-STAGE-1 -i r1 -o r0 -p tcp -j DROP',
    'COMMIT',
  ]
  world.run([`iptables-${backend}-restore`], `${rules.join('\n')}\n`)
  const isolation = await mend(packet({}))
  expect(isolation.commands).toHaveLength(2)
  for (const command of isolation.commands) expect(command).toContain(`iptables-${backend} -t filter -I DOCKER-USER 1`)
  const deleted = await mend(packet({ protocol: 17, destinationPort: 7 }))
  expect(deleted.commands).toHaveLength(1)
  expect(deleted.commands[0]).toMatch(/ delete rule ip filter FORWARD handle \d+$| -t filter -D FORWARD 2$/)
  const policy = await mend(packet({ protocol: 17, destinationPort: 53 }))
  expect(policy.commands).toHaveLength(1)
  expect(policy.commands[0]).toMatch(/-I FORWARD 1 -s 10.1.0.2 -d 10.2.0.2 -p udp --dport 53 -j ACCEPT$/)
  world.run([`iptables-${backend}`, '-P', 'FORWARD', 'ACCEPT'])
  world.run([`iptables-${backend}`, '-F'])
})

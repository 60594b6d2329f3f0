/** Names that are resolved as the asking namespace would, and fail. */
import { buildContainerHost } from './container-host.ts'
import type { Gauntlet } from './fault.ts'
import { runGauntlet } from './run-gauntlet.ts'
import type { World } from './world.ts'

const configured =
  (text: string) =>
  (world: World): void =>
    world.configure('web', 'resolv.conf', text)
const known = { 'db.shop.test': '10.81.1.12', 'cache.shop.test': '10.81.2.11' }
const serve = (world: World) => world.nameserver('db', known)

const gauntlet: Gauntlet = {
  name: 'names',
  build: buildContainerHost,
  healthy: [
    {
      from: 'web',
      to: 'db.shop.test',
      prepare: async (world) => {
        configured('nameserver 10.81.1.12\n')(world)
        await serve(world)
      },
    },
    {
      // The first nameserver is dead, the search list is needed, and the answer is in another subnet.
      from: 'web',
      to: 'cache.shop',
      prepare: async (world) => {
        configured(
          'search example.test test\nnameserver 10.81.1.1\nnameserver 10.81.1.12\noptions ndots:2 timeout:1\n',
        )(world)
        await serve(world)
      },
    },
    {
      from: 'web',
      to: 'storage.internal',
      prepare: (world) => world.configure('web', 'hosts', '10.81.2.11 storage.internal storage\n'),
    },
  ],
  faults: [
    {
      name: 'nobody answers at the nameserver’s address',
      break: configured('nameserver 10.81.1.12\noptions timeout:1 attempts:1\n'),
      trace: { from: 'web', to: 'db.shop.test', codes: ['dns-unreachable'], at: ['web', 'db'] },
    },
    {
      name: 'the way to the nameserver is filtered',
      prepare: serve,
      break: (world) => {
        configured('nameserver 10.81.1.12\noptions timeout:1 attempts:1\n')(world)
        world.inside('db', 'iptables -A INPUT -p udp --dport 53 -j DROP')
      },
      trace: { from: 'web', to: 'db.shop.test', codes: ['dns-unreachable', 'filtered'], at: ['web', 'db'] },
    },
    {
      name: 'the nameserver does not know the name',
      prepare: serve,
      break: configured('nameserver 10.81.1.12\n'),
      trace: { from: 'web', to: 'nothing.shop.test', codes: ['dns-name-unknown'], at: ['web'] },
    },
    {
      name: 'a short name without a search list',
      prepare: serve,
      break: configured('nameserver 10.81.1.12\n'),
      trace: { from: 'web', to: 'db.shop', codes: ['dns-name-unknown'], at: ['web'] },
    },
    {
      name: 'a loopback resolver that does not run here',
      break: configured('nameserver 127.0.0.53\noptions timeout:1 attempts:1\n'),
      trace: { from: 'web', to: 'db.shop.test', codes: ['dns-misconfigured'], at: ['web'] },
    },
    {
      name: 'no nameserver at all',
      break: configured('# nothing\nsearch shop.test\n'),
      trace: { from: 'web', to: 'db.shop.test', codes: ['dns-misconfigured'], at: ['web'] },
    },
  ],
}

runGauntlet(gauntlet)

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { locateCommand } from './located-command.ts'
import { WhatIfError } from './what-if-error.ts'

describe('where a command would run', () => {
  test.each([
    ['ip link set eth0 up', undefined, 'ip link set eth0 up'],
    ['ip netns exec blue ip link set eth0 up', 'ns:blue', 'ip link set eth0 up'],
    ['sudo ip -n blue route del default', 'ns:blue', 'ip route del default'],
    ['bridge -n blue vlan add dev p1 vid 3', 'ns:blue', 'bridge vlan add dev p1 vid 3'],
    ['nsenter --net=/run/netns/blue sysctl -w a=b', 'path:/run/netns/blue', 'sysctl -w a=b'],
    ['nsenter -t 4711 -n ip route add default via 10.0.0.1', 'pid:4711', 'ip route add default via 10.0.0.1'],
    ['docker exec -it web ip addr add 10.0.0.1/24 dev eth0', 'docker:web', 'ip addr add 10.0.0.1/24 dev eth0'],
    ['docker:web: nft flush ruleset', 'docker:web', 'nft flush ruleset'],
    ['blue: ip link set eth0 down', 'blue', 'ip link set eth0 down'],
    ["nft add rule ip t c 'ip saddr 10.0.0.1' drop", undefined, 'nft add rule ip t c ip saddr 10.0.0.1 drop'],
  ])('%s', (line, target, rest) => {
    const located = locateCommand(line)
    expect(located.target).toBe(target)
    expect(located.words.join(' ')).toBe(rest)
  })

  test.each(['', '   ', 'ip link show | cat', 'echo $(id)', 'ip netns exec', "nft 'x", 'a && b', 'a`b`'])(
    'refuses %j',
    (line) => {
      expect(() => locateCommand(line)).toThrow(WhatIfError)
    },
  )

  test('whatever is written, it is understood or refused', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        try {
          locateCommand(line)
        } catch (error) {
          expect(error).toBeInstanceOf(WhatIfError)
        }
      }),
    )
  })
})

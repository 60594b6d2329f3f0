import { describe, expect, test } from 'vitest'
import { WhatIfError } from '../what-if-error.ts'
import { splitWords, WordReader } from '../words.ts'
import { readIptablesCommand } from './iptables-command.ts'

function read(line: string, family: 'ip' | 'ip6' = 'ip') {
  return readIptablesCommand(new WordReader('iptables', splitWords(line)), family)
}

describe('commands of iptables in the notation of nft', () => {
  test.each([
    ['-A FORWARD -s 10.0.0.0/8 -d 10.1.0.1 -j DROP', 'ip saddr 10.0.0.0/8 ip daddr 10.1.0.1 counter drop'],
    ['-A INPUT -p tcp --dport 80 -j ACCEPT', 'meta l4proto tcp tcp dport 80 counter accept'],
    [
      '-A INPUT -p tcp -m multiport --dports 80,8000:8010 -j REJECT',
      'meta l4proto tcp tcp dport { 80, 8000-8010 } counter reject with icmp type port-unreachable',
    ],
    [
      '-A INPUT ! -i eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'iifname != "eth0" ct state { related, established } counter accept',
    ],
    ['-A POSTROUTING -t nat ! -o br+ -j MASQUERADE', 'oifname != "br*" counter masquerade'],
    [
      '-A PREROUTING -t nat -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080',
      'meta l4proto tcp tcp dport 80 counter dnat to 10.0.0.2:8080',
    ],
    ['-A FORWARD -j DOCKER-USER', 'counter jump DOCKER-USER'],
    ['-A OUTPUT -m mark --mark 0x1/0xff -j MARK --set-mark 2', 'meta mark & 0xff == 0x1 counter meta mark set 2'],
    [
      '-A INPUT -p icmp --icmp-type echo-request -m comment --comment "no ping" -j DROP',
      'meta l4proto icmp icmp type echo-request counter drop',
    ],
  ])('%s', (line, rule) => {
    expect(read(line)).toMatchObject({ kind: 'append', rule })
  })

  test('positions, policies and flushing', () => {
    expect(read('-I FORWARD 3 -j DROP')).toEqual({
      kind: 'insert',
      table: 'filter',
      chain: 'FORWARD',
      position: 3,
      rule: 'counter drop',
    })
    expect(read('-I FORWARD -j DROP')).toMatchObject({ position: 1 })
    expect(read('-t nat -D POSTROUTING 2')).toEqual({ kind: 'delete', table: 'nat', chain: 'POSTROUTING', position: 2 })
    expect(read('-P FORWARD DROP')).toEqual({ kind: 'policy', table: 'filter', chain: 'FORWARD', policy: 'drop' })
    expect(read('-t nat -F')).toEqual({ kind: 'flush', table: 'nat', chain: undefined })
  })

  test.each([
    '-A FORWARD -m geoip --src-cc XX -j DROP',
    '-A FORWARD -s fd00::1 -j DROP',
    '-A FORWARD --dport 80 -j DROP',
    '-A FORWARD -j DROP --frob',
    '-A FORWARD -i "eth0 ; flush ruleset" -j DROP',
    '-D FORWARD -j DROP',
    '-L',
  ])('refuses %s', (line) => {
    expect(() => read(line)).toThrow(WhatIfError)
  })
})

/** Rule sets made up at random: what the kernel makes of packets, and what we expect. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NamedNamespaces } from '../support/iproute.ts'
import { FilterWorld, type Passed, packet } from './filter-world.ts'
import { RandomRules } from './random-rules.ts'

const namespaces = new NamedNamespaces('filter-random')
let world: FilterWorld

beforeAll(() => {
  world = new FilterWorld(namespaces, 'a')
})

afterAll(() => {
  world.close()
  namespaces.close()
})

const RULE_SETS = Number(process.env['FILTER_RULE_SETS'] ?? 12)
const PACKETS = 12

test(`${RULE_SETS} rule sets of nftables, ${PACKETS} packets each`, async () => {
  const first = Number(process.env['FILTER_SEED'] ?? Math.floor(Math.random() * 1e6))
  for (let seed = first; seed < first + RULE_SETS; seed++) {
    const random = new RandomRules(seed)
    const rules = random.ruleSet()
    world.nftWithout(rules)
    const asked = world.rules()
    expect(asked.warnings).toEqual([])
    for (let i = 0; i < PACKETS; i++) {
      const sent = packet(random.packet())
      const expected = world.predict(asked, sent, 'client')
      const found = await world.send(sent, 'client')
      expect(expected.doubts).toEqual([])
      compare(found, expected, `seed ${seed}\n${world.run(['nft', '-a', 'list', 'ruleset'])}\n${JSON.stringify(sent)}`)
    }
  }
}, 120_000)

function compare(found: Passed, expected: Passed, about: string): void {
  const view = ({
    verdict,
    handle,
    chain,
    source,
    destination,
    sourcePort,
    destinationPort,
    mark,
  }: Passed): object => ({
    verdict,
    handle,
    chain,
    ...(verdict === 'accept' ? { source, destination, sourcePort, destinationPort, mark } : {}),
  })
  expect(view(expected), about).toEqual(view(found))
}

/** On networks drawn at random and broken at random, what is predicted is what ping sees. */
import { expect, test } from 'vitest'
import { ask } from './worlds/ask.ts'
import { Dice, RandomWorld } from './worlds/random-world.ts'

const seeds = Array.from({ length: 4 }, (_, i) => 300 + i)

test.each(seeds)('network %i', async (seed) => {
  const world = new RandomWorld(seed)
  try {
    world.build()
    const changes = Array.from({ length: 1 + (seed % 3) }, () => world.breakSomething())
    world.forget()
    const dice = new Dice(seed * 7)
    for (let i = 0; i < 3; i++) {
      const from = dice.pick(world.stations)
      const to = dice.pick(world.stations.filter((station) => station !== from))
      const destination = dice.roll(2) === 0 ? to.v4 : to.v6
      const { verdict, cause } = await ask({ from: world.name(from.short), to: world.name(to.short), destination })
      const answered = world.pings(from.short, destination)
      const told = `${from.short} → ${to.short} ${destination}: ${cause?.summary} ${JSON.stringify(changes)}`
      expect(verdict === 'delivered', told).toBe(answered)
      expect(cause === null, told).toBe(answered)
    }
  } finally {
    world.close()
  }
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRuleTexts } from './rule-text.ts'

const guard = { family: 'inet', name: 't' } as const
const listing = `table inet t { # handle 6
\tcomment "tc"
\tset s { # handle 4
\t\ttype ipv4_addr # handle 90
\t}

\tchain c { # handle 1
\t\tcomment "cccc"
\t\ttype filter hook forward priority filter - 5; policy drop;
\t\tip saddr @s accept comment "x # handle 5" # handle 7
\t\tdrop # handle 9
\t}
}
`

test('takes the lines of chains that end with a handle, and the last handle of a line', () => {
  expect([...parseRuleTexts(listing, guard)]).toEqual([
    [7, 'ip saddr @s accept comment "x # handle 5"'],
    [9, 'drop'],
  ])
})

test('rules of other tables, whose handles repeat, are not taken', () => {
  expect(
    parseRuleTexts(`${listing}${listing.replace('inet t', 'ip t').replace('drop #', 'accept #')}`, guard).get(9),
  ).toBe('drop')
  expect(parseRuleTexts(listing, { family: 'inet', name: 'other' }).size).toBe(0)
})

test('a comment with a line end cannot pass itself off as another rule', () => {
  const forged = listing.replace('"x # handle 5"', '"x\n\t\taccept # handle 9\n\t\t"')
  expect(parseRuleTexts(forged, guard).has(9)).toBe(false)
})

test('any text is survived', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseRuleTexts(text, guard)))
})

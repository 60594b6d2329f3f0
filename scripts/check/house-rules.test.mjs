import { expect, test } from 'vitest'
import { houseViolations } from './house-rules.mjs'

const path = 'src/host/discovery/walk.ts'

test.each([
  ["readFileSync('/proc/self/mountinfo')"],
  ['readFileSync(`/proc/$' + '{pid}/ns/net`)'],
  ["open('/sys/class/net')"],
])('a path into /proc or /sys outside of kernel/ is found: %s', (source) => {
  expect(houseViolations(path, source)).toEqual([`${path}:1: only kernel/ opens /proc and /sys`])
  expect(houseViolations('src/kernel/proc/process.ts', source)).toEqual([])
})

test.each([["process.stdout.write('x')"], ['process.exit(1)'], ['process.exitCode = 1'], ["console.log('x')"]])(
  'writing to the terminal or ending the process outside of cli/ is found: %s',
  (source) => {
    expect(houseViolations(path, source)).toHaveLength(1)
    expect(houseViolations('src/cli/frame/program.ts', source)).toEqual([])
  },
)

test('comments, and texts that only mention a path, are no violation', () => {
  expect(houseViolations(path, "// '/proc/1/ns/net'\nconst hint = 'see the links in /proc/1/ns'")).toEqual([])
})

test('the line is that of the place', () => {
  expect(houseViolations(path, '\n\nprocess.exit(1)')[0]).toContain(`${path}:3: `)
})

import { expect, test } from 'vitest'
import { helpText } from './help.ts'
import { sampleProgram } from './sample-program.ts'

const [map, ns] = sampleProgram.commands!

test('a command explains its use, arguments, options and exit codes, and gives an example', () => {
  expect(helpText([sampleProgram, map!])).toBe(`netwright map: Draw what's there: everything.

Usage: netwright map [OPTION…] [TARGET]

Arguments:
  TARGET  Only this.

Targets:
  host          The namespace of the host.
  ns:NAME       An entry of /run/netns, as “ip netns” knows it.
  pid:N         The namespace of a process.
  inode:N       The namespace with this inode number.
  path:/…       A file: a bind mount, or /proc/N/ns/net.
  docker:NAME   A container of Docker, by name or id; podman:NAME likewise.
  network:NAME  The namespace of an overlay network.
  lab:LAB/NODE  A node of a lab.
  sandbox:NAME  A sandbox.
  WORD          Any of these without its prefix, when only one fits.

Options:
  -j, --json            For programs.
  -f, --format FORMAT   How [it] looks. One of: text, svg, dot.
      --from-file FILE  Read this.
      --only KIND       Show these. May be given more than once.
  -h, --help            Show this help.

Examples:
  netwright map
      All of it.

Exit status:
  0  Done, and healthy.
  1  Done, and something is wrong: findings, differences, a mismatch.
  2  The command line cannot be understood.
  3  It cannot be done: no permission, no such target, or the kernel lacks it.
`)
})

test('a group lists its commands; the program leaves hidden ones out', () => {
  expect(helpText([sampleProgram, ns!])).toContain('Commands:\n  list  List them.\n  exec  Run inside.\n')
  expect(helpText([sampleProgram])).not.toContain('__secret')
})

test.each([60, 80, 200])('on a terminal of %d columns no line is longer than that, nor than 100', (columns) => {
  const long = { ...map!, description: 'word '.repeat(200) }
  for (const line of helpText([sampleProgram, long], columns).split('\n')) {
    // What cannot be wrapped, an example or a usage line, may stand out.
    if (!line.startsWith('Usage:') && !line.startsWith('  netwright')) {
      expect(line.length).toBeLessThanOrEqual(Math.min(columns, 100))
    }
  }
})

test('another program’s command line is shown behind --', () => {
  expect(helpText([sampleProgram, ns!, ns!.commands![1]!])).toContain(
    'Usage: netwright ns exec [OPTION…] TARGET [--] COMMAND…\n',
  )
})

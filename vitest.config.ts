import { defineConfig } from 'vitest/config'

/** Three kinds of tests, by what they need. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      // Beside the code: no kernel, no root.
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.mjs'] } },
      // The built program, as any user runs it.
      {
        test: {
          name: 'program',
          include: ['test/program/**/*.test.ts'],
          globalSetup: 'test/program/build.ts',
          testTimeout: 30_000,
        },
      },
      // Namespaces, links and daemons of their own: root.
      {
        test: {
          name: 'kernel',
          include: ['test/**/*.test.ts'],
          exclude: ['test/program/**', 'test/vm/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // What a condition is waited for is a fault only when it never comes: the machine is shared.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
})

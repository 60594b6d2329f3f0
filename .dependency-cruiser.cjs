/** The rules of the house (CONTRIBUTING.md): who may import whom. `scripts/check.mjs` also makes sure that it saw the code. */

/** A room's files. */
const room = (...names) => `^src/(${names.join('|')})/`
const tests = '\\.test\\.ts$'

const neverUpward = [
  { name: 'kernel-imports-nothing-of-ours', from: 'kernel', to: 'gossip|host|probe|lab|engine|diagnose|daemon|cli' },
  { name: 'gossip-imports-nothing-of-ours', from: 'gossip', to: 'kernel|host|probe|lab|engine|diagnose|daemon|cli' },
  { name: 'host-stands-on-floor-1', from: 'host', to: 'probe|lab|engine|diagnose|daemon|cli' },
  { name: 'lab-stands-on-floor-1', from: 'lab', to: 'host|probe|engine|diagnose|daemon|cli' },
  { name: 'engine-stands-on-floor-1', from: 'engine', to: 'host|probe|lab|diagnose|daemon|cli' },
  { name: 'probe-stands-on-floor-1', from: 'probe', to: 'lab|engine|diagnose|daemon|cli' },
  { name: 'diagnose-imports-downward', from: 'diagnose', to: 'daemon|cli' },
  { name: 'daemon-imports-downward', from: 'daemon', to: 'cli' },
]

module.exports = {
  forbidden: [
    ...neverUpward.map(({ name, from, to }) => ({
      name,
      severity: 'error',
      from: { path: room(from) },
      to: { path: room(to) },
    })),
    {
      name: 'probe-reads-only-graph-types-of-host',
      comment: 'Types may be shared; code of the same floor may not.',
      severity: 'error',
      from: { path: room('probe') },
      to: { path: room('host'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rooms-are-entered-by-their-index',
      comment: 'index.ts is the public face of a room; tests may look behind it.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: tests },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'only-kernel-loads-native-code',
      severity: 'error',
      from: { path: '^src/', pathNot: room('kernel') },
      to: { path: 'node_modules/(koffi|@koromix)' },
    },
    {
      name: 'only-daemon-listens',
      comment:
        'Clients: the host room of the API sockets of container runtimes, the engine of network plugins, the probe of web servers.',
      severity: 'error',
      from: { path: '^src/', pathNot: [room('daemon', 'host'), '^src/engine/plugins/', '^src/probe/http/', tests] },
      to: { path: '^(node:)?https?2?$', dependencyTypes: ['core'] },
    },
    {
      name: 'no-shelling-out',
      comment:
        'What a user waits for starts no other program, unless it is one that the user named, or a fix that was shown.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/cli/commands/run/', '^src/cli/commands/doctor/run-line\\.ts$'] },
      to: { path: '^(node:)?child_process$', dependencyTypes: ['core'] },
    },
    { name: 'no-circles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'sources-do-not-import-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: [tests, '^test/'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}

/**
 * In the built program, `koffi` is its prebuilt native module, loaded without koffi's own loader: that is 3 instead of
 * 13 milliseconds of every start. Wherever anything is not as in the version that package.json pins (another
 * architecture, musl, another layout of node_modules), koffi's public entry is used.
 */

const namespace = 'koffi-direct'

const contents = (version) => `
const load = () => {
  const { arch } = process
  if (arch === 'x64' || arch === 'arm64') {
    try {
      const native = require('@koromix/koffi-linux-' + arch + '/linux_' + arch + '/koffi.node')
      if (native.version === ${JSON.stringify(version)}) return native
    } catch {}
  }
  return require('koffi')
}
module.exports = load()
`

/** An esbuild plugin; `version` is the version of koffi that was tested. */
export function koffiDirect(version) {
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^koffi$/ }, ({ namespace: importer, path }) =>
        importer === namespace ? { path, external: true } : { path, namespace },
      )
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents: contents(version), loader: 'js' }))
    },
  }
}

/**
 * Debian's kernel made ready for the guest: the uncompressed image that qemu starts fastest, the modules that concern
 * networks. Made once and kept in a cache; a newer kernel in Debian gets its own folder there. Beside it the initial file
 * system, of busybox and the few modules that reach the host's files, made for every start.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const CACHE = process.env.NETWRIGHT_VM_CACHE ?? '/var/cache/netwright-vm'
/** Modules are kept from these folders of the kernel's tree; graphics, disks and sound would be nine tenths of it. */
const MODULE_FOLDERS = [
  'arch',
  'crypto',
  'lib',
  'net',
  'drivers/net',
  'drivers/virtio',
  'fs/9p',
  'fs/fscache',
  'fs/netfs',
  'fs/overlayfs',
]
const DRIVERS_LEFT_OUT = ['ethernet', 'wireless', 'usb', 'phy', 'dsa', 'can', 'wwan', 'hamradio', 'ieee802154']
/** What the initial file system loads, with their dependencies. */
const FIRST_MODULES = ['virtio_mmio', '9pnet_virtio', '9p', 'overlay']
const APPLETS = ['sh', 'mount', 'mkdir', 'insmod', 'switch_root', 'stty', 'uname', 'ln']
const LARGE = 1 << 28

const run = (command, args, options = {}) => execFileSync(command, args, { maxBuffer: LARGE, ...options })

/** @returns {{ version: string, image: string, tree: string, modules: string }} paths of a kernel that is ready to boot */
export function prepareKernel() {
  if (process.arch !== 'x64') throw new Error(`the guest runs on x86-64 hosts only, this one is ${process.arch}`)
  const kernelPackage = currentPackage()
  const version = kernelPackage.replace(/^linux-image-/, '')
  const folder = join(CACHE, version)
  if (!existsSync(folder)) build(kernelPackage, version, folder)
  return {
    version,
    image: join(folder, 'vmlinux'),
    tree: folder,
    modules: join(folder, 'lib/modules', version),
  }
}

/** The package that Debian's `linux-image-amd64` stands for at present; without a package index, the newest in the cache. */
function currentPackage() {
  const { stdout } = spawnSync('apt-cache', ['depends', 'linux-image-amd64'], { encoding: 'utf8' })
  const found = /Depends: (linux-image-\S+)/.exec(stdout ?? '')?.[1]
  if (found !== undefined) return found
  const cached = existsSync(CACHE)
    ? readdirSync(CACHE)
        .filter((name) => /^\d/.test(name))
        .sort()
        .at(-1)
    : undefined
  if (cached !== undefined) return `linux-image-${cached}`
  throw new Error('apt does not know linux-image-amd64: run apt-get update')
}

function build(kernelPackage, version, folder) {
  process.stderr.write(`vm: making ${kernelPackage} ready (once)\n`)
  mkdirSync(CACHE, { recursive: true })
  // Built beside its place and renamed, so that an interrupted build is not taken for a whole one.
  const work = mkdtempSync(join(CACHE, 'build-'))
  try {
    unpack(kernelPackage, work)
    writeFileSync(join(work, 'vmlinux'), decompressedKernel(readFileSync(join(work, 'boot', `vmlinuz-${version}`))))
    rmSync(join(work, 'boot'), { recursive: true })
    run('depmod', ['-b', work, version], { stdio: 'ignore' })
    chmodSync(work, 0o755)
    // Another run may have been first.
    if (!existsSync(folder)) renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function unpack(kernelPackage, target) {
  const download = mkdtempSync(join(tmpdir(), 'netwright-kernel-'))
  try {
    // The unprivileged user that apt downloads as may not write here.
    run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', kernelPackage], { cwd: download, stdio: 'ignore' })
    const [archive] = readdirSync(download)
    const files = run('dpkg-deb', ['--fsys-tarfile', join(download, archive)], { maxBuffer: 1 << 30 })
    const wanted = [
      './boot/vmlinuz-*',
      './lib/modules/*/modules.*',
      ...MODULE_FOLDERS.map((name) => `./lib/modules/*/kernel/${name}/*`),
    ]
    const unwanted = DRIVERS_LEFT_OUT.map((name) => `--exclude=./lib/modules/*/kernel/drivers/net/${name}`)
    // Some folders hold no module in some kernels, which tar calls a failure.
    spawnSync('tar', ['-x', '-C', target, '--wildcards', ...unwanted, ...wanted], { input: files })
  } finally {
    rmSync(download, { recursive: true, force: true })
  }
}

/**
 * The ELF image inside a bzImage. Decompressing it here saves the guest doing so under emulation. The header says where it
 * lies (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length); four bytes of its size follow it.
 */
function decompressedKernel(bzImage) {
  const start = (bzImage[0x1f1] + 1) * 512 + bzImage.readUInt32LE(0x248)
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c) - 4)
  const magic = payload.readUInt32BE(0)
  if (magic === 0xfd377a58) return run('xz', ['-dc'], { input: payload })
  if (magic === 0x28b52ffd) return run('zstd', ['-dc'], { input: payload })
  throw new Error(`the kernel image is compressed in a way that is not known here (${magic.toString(16)})`)
}

/** @returns {Buffer} a compressed archive whose first process is `init.sh` */
export function initialFileSystem({ tree, version }) {
  const root = mkdtempSync(join(tmpdir(), 'netwright-initrd-'))
  try {
    for (const name of ['bin', 'dev', 'proc', 'sys', 'host', 'layer', 'guest', 'modules']) mkdirSync(join(root, name))
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
    for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet))
    const files = moduleFiles(tree, version)
    for (const file of files) copyFileSync(file, join(root, 'modules', basename(file)))
    writeFileSync(join(root, 'modules/order'), files.map((file) => `${basename(file)}\n`).join(''))
    copyFileSync(new URL('init.sh', import.meta.url), join(root, 'init'))
    chmodSync(join(root, 'init'), 0o755)
    return run('sh', ['-c', 'find . | cpio -o -H newc --quiet | gzip -1'], { cwd: root })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Files of the first modules and of all they need, in the order to load them; some are built into the kernel. */
function moduleFiles(tree, version) {
  const files = new Set()
  for (const name of FIRST_MODULES) {
    const listed = run('modprobe', ['-d', tree, '-S', version, '--show-depends', name], { encoding: 'utf8' })
    for (const [, file] of listed.matchAll(/^insmod (\S+)/gm)) files.add(file)
  }
  return [...files]
}

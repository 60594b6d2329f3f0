/** A root file system for containers without a registry: Debian's static busybox and a link for each of its applets. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BUSYBOX = '/bin/busybox'

/** Makes the archive for `docker import` or `podman import` in `directory`. @returns its path */
export function busyboxTar(directory: string): string {
  const root = join(directory, 'rootfs')
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'))
  for (const applet of execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
  const archive = join(directory, 'busybox.tar')
  execFileSync('tar', ['-C', root, '-cf', archive, '.'])
  return archive
}

/**
 * A command in a virtual machine with Debian's kernel, over this host's root file system. The guest writes into memory
 * only, except into folders that it is given. It runs by emulation, so that no special hardware is needed.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { initialFileSystem, prepareKernel } from './kernel.mjs'

/** Under emulation a guest may hang while it boots; one that takes this long is started again. */
const BOOT_MILLISECONDS = 20_000
const BOOT_ATTEMPTS = 5
const POLL_MILLISECONDS = 50

/** What is reported when there is no exit status: the guest did not boot, crashed, or ran out of time. */
export const NO_STATUS = 125

/**
 * @param {string[]} command program and arguments, found as on the host
 * @param {object} [options]
 * @param {string[]} [options.modules] kernel modules to load first
 * @param {string[]} [options.writable] folders of the host that the guest may write to
 * @param {number} [options.seconds] longest time the command may take
 * @param {number} [options.memory] MiB
 * @param {(chunk: Buffer) => void} [options.output] receives what the command writes to either of its outputs
 * @returns {Promise<number>} the command's exit status, or NO_STATUS
 */
export async function runInGuest(command, options = {}) {
  const { output = (chunk) => process.stdout.write(chunk), seconds = 600 } = options
  if (process.getuid?.() !== 0) throw new Error('the guest sees the files of the host as root does: run it as root')
  const kernel = prepareKernel()
  const session = mkdtempSync(join(tmpdir(), 'netwright-vm-'))
  try {
    writeFileSync(join(session, 'initrd'), initialFileSystem(kernel))
    writeFileSync(join(session, 'start'), sessionScript(command, options))
    for (let attempt = 1; attempt <= BOOT_ATTEMPTS; attempt++) {
      const outcome = await boot(kernel, session, { ...options, output, seconds })
      if (outcome !== 'stuck') return outcome
      process.stderr.write(`vm: the guest hung while booting (attempt ${attempt} of ${BOOT_ATTEMPTS})\n`)
    }
    return NO_STATUS
  } finally {
    rmSync(session, { recursive: true, force: true })
  }
}

/** What the guest does once the host's files are there. */
function sessionScript(command, { modules = [], writable = [] }) {
  const share = 'trans=virtio,version=9p2000.L,msize=500000,cache=none'
  return `${[
    `export PATH=${quote(process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin')} HOME=/root TERM=dumb`,
    `date -s @${Math.floor(Date.now() / 1000)} >/dev/null`,
    'ip link set lo up',
    ...writable.map((folder, i) => `mount -t 9p -o ${share} write${i} ${quote(resolve(folder))}`),
    ...(modules.length === 0 ? [] : [`modprobe -a ${modules.map(quote).join(' ')}`]),
    `cd ${quote(process.cwd())}`,
    ': >/run/session/up',
    `${command.map(quote).join(' ')} </dev/null`,
    'status=$?',
    // Setting the terminal waits until all that was written has left; then this machine is not needed any more.
    'stty -F /dev/console -opost',
    'echo $status >/run/session/status',
    'sleep infinity',
  ].join('\n')}\n`
}

function quote(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function machine(kernel, session, { writable = [], memory = 1024 }) {
  const shares = [
    ['host', '/', ',readonly=on'],
    ['modules', kernel.modules, ',readonly=on'],
    ['session', session, ''],
    ...writable.map((folder, i) => [`write${i}`, resolve(folder), '']),
  ]
  return [
    ...['-M', 'microvm,rtc=on', '-accel', 'tcg', '-cpu', 'max', '-smp', '2', '-m', String(memory)],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-kernel', kernel.image, '-initrd', join(session, 'initrd')],
    ...['-append', `console=ttyS0 quiet loglevel=3 panic=-1 reboot=t mitigations=off random.trust_cpu=on ${clock()}`],
    ...shares.flatMap(([tag, path, mode]) => [
      ...['-fsdev', `local,id=${tag},path=${path},security_model=passthrough,multidevs=remap${mode}`],
      ...['-device', `virtio-9p-device,fsdev=${tag},mount_tag=${tag}`],
    ]),
  ]
}

/**
 * Kernel parameters that tell the guest the speed of its clock. Under emulation it counts the host's cycles; left to measure
 * them, a guest on a busy host finds no clock at all and waits for ever.
 */
function clock() {
  const megahertz = /^cpu MHz\s*: ([\d.]+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]
  return megahertz === undefined ? 'tsc=reliable' : `tsc=reliable tsc_early_khz=${Math.round(Number(megahertz) * 1000)}`
}

/** One start of the machine. @returns {Promise<number | 'stuck'>} */
async function boot(kernel, session, options) {
  for (const name of ['up', 'status']) rmSync(join(session, name), { force: true })
  const up = () => existsSync(join(session, 'up'))
  const qemu = spawn('qemu-system-x86_64', machine(kernel, session, options), { stdio: ['ignore', 'pipe', 'pipe'] })
  const complaints = []
  // What a guest says before it is up is of interest only when it never comes up.
  qemu.stdout.on('data', (chunk) => (up() ? options.output(chunk) : complaints.push(chunk)))
  qemu.stderr.on('data', (chunk) => complaints.push(chunk))
  const ended = new Promise((done, fail) => qemu.once('close', done).once('error', (error) => fail(missing(error))))
  const kill = () => qemu.kill('SIGKILL')
  let stopped = false
  const interrupted = () => {
    stopped = true
    kill()
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    const started = await until(up, ended, BOOT_MILLISECONDS)
    if (!started && !stopped && qemu.exitCode === null) return 'stuck'
    await until(() => existsSync(join(session, 'status')), ended, options.seconds * 1000)
    kill()
    await ended
    if (stopped) throw new Error('interrupted')
    return statusOf(session, complaints, up())
  } finally {
    kill()
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
}

function missing(error) {
  const packages = JSON.parse(readFileSync(new URL('../debian-packages.json', import.meta.url), 'utf8')).vm
  return new Error(`cannot start the guest (${error.message}); it needs: apt-get install ${packages.join(' ')}`)
}

function statusOf(session, complaints, wasUp) {
  const file = join(session, 'status')
  const status = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN
  if (!Number.isNaN(status)) return status
  process.stderr.write(
    `vm: ${wasUp ? 'the command did not end in time, or the guest crashed' : 'the guest did not start'}\n`,
  )
  process.stderr.write(Buffer.concat(complaints))
  return NO_STATUS
}

/** Waits until `condition` holds, the machine has ended, or the time is over. @returns whether the condition holds */
async function until(condition, ended, milliseconds) {
  const deadline = Date.now() + milliseconds
  let over = false
  const end = ended.then(() => {
    over = true
  })
  while (!condition()) {
    if (over || Date.now() > deadline) return condition()
    await Promise.race([end, new Promise((wake) => setTimeout(wake, POLL_MILLISECONDS))])
  }
  return true
}

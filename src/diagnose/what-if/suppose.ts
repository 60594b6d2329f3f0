/** `--what-if`: the scene as it would be after one command. Nothing of the host is touched. */
import { resolveTarget } from '../../host/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { supposeBridge } from './bridge/suppose-bridge.ts'
import { supposeIptables } from './filter/suppose-iptables.ts'
import { supposeNft } from './filter/suppose-nft.ts'
import { supposeIp } from './ip/suppose-ip.ts'
import { locateCommand } from './located-command.ts'
import { supposeEcho, supposeSysctl } from './suppose-setting.ts'
import { type SceneChange, SupposedScene } from './supposed-scene.ts'
import { WhatIfError } from './what-if-error.ts'

/** How the command of a program changes a namespace. */
type Supposition = (scene: Scene, place: Place, words: readonly string[]) => SceneChange

const PROGRAMS: Readonly<Record<string, Supposition>> = {
  ip: supposeIp,
  bridge: supposeBridge,
  nft: supposeNft,
  iptables: (scene, place, words) => supposeIptables(scene, place, 'ip', words),
  'iptables-nft': (scene, place, words) => supposeIptables(scene, place, 'ip', words),
  ip6tables: (scene, place, words) => supposeIptables(scene, place, 'ip6', words),
  'ip6tables-nft': (scene, place, words) => supposeIptables(scene, place, 'ip6', words),
  sysctl: supposeSysctl,
  echo: supposeEcho,
}

/**
 * The scene after `command`: one line of ip(8), bridge(8), nft(8), iptables(8), sysctl(8), or `echo V > /proc/sys/…`, run in
 * the program's own namespace, or where `ip netns exec NAME`, `ip -n NAME`, `nsenter --net=PATH`, `docker exec NAME` or
 * `TARGET:` in front says. Close the result before the scene that it stands on, which stays open.
 * @throws WhatIfError when the command is not understood, or the kernel would refuse it
 * @throws TargetError when its namespace is not there
 */
export function suppose(scene: Scene, command: string): Scene {
  const { target, words } = locateCommand(command)
  const inode = target === undefined ? scene.home : resolveTarget(target, scene.graph).inode
  const [program = '', ...rest] = words
  const name = program.slice(program.lastIndexOf('/') + 1)
  // `net.ipv4.ip_forward=1` alone is a setting.
  if (/^net[./][^=]+=/.test(program)) return new SupposedScene(scene, supposeSysctl(scene, scene.place(inode), words))
  const supposition = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
  if (supposition === undefined) {
    throw new WhatIfError(
      `commands of "${name}" cannot be supposed; those of ip, bridge, nft, iptables, ip6tables and sysctl can`,
    )
  }
  return new SupposedScene(scene, supposition(scene, scene.place(inode), rest))
}

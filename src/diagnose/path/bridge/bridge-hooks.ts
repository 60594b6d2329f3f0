/**
 * Rules that see a frame within a bridge: those of the bridge family, and with br_netfilter those of the IP families too
 * (net/bridge/br_netfilter_hooks.c).
 */
import type { Link } from '../../../kernel/index.ts'
import type { HookPoint } from '../../filter/filter-rules.ts'
import { type HookAnswer, visitHook } from '../hooks.ts'
import { hop } from '../hops.ts'
import { macOf, nameOf } from '../links.ts'
import type { FrameEnding } from '../transit.ts'
import type { Switching } from './switching.ts'

/** A frame that may go on within the bridge, its end, or what became of it when translation sent it up to the IP layer. */
export type BridgeHookAnswer = HookAnswer | { readonly kind: 'taken-up'; readonly endings: FrameEnding[] }

/** Asks the rules at a hook of the bridge. */
export function bridgeHook(switching: Switching, hook: HookPoint, output: Link | undefined): BridgeHookAnswer {
  const { walk, place, input, transit } = switching
  const asked = visitHook(walk, place, { layer: 'bridge', hook, input, output }, transit)
  if (asked.kind === 'stopped') return asked
  const after = { ...switching, transit: asked.transit }
  if (asked.transit.packet.arp !== undefined) return arpHook(after, hook, output)
  return callsIp(after) ? ipHook(after, hook, output) : asked
}

function arpHook(
  { walk, place, bridge, input, transit }: Switching,
  hook: HookPoint,
  output: Link | undefined,
): HookAnswer {
  const own = bridge.info?.bridge?.nfCallArptables === 1
  const called = own || place.settings.get('net.bridge.bridge-nf-call-arptables') === '1'
  if (hook !== 'forward' || !called || !hasBridgeNetfilter(place)) return { kind: 'passed', transit }
  return visitHook(walk, place, { layer: 'arp', hook, input, output }, transit)
}

/** Whether br_netfilter shows the bridge's packets to the IP families: the module's settings are there only with the module. */
function callsIp({ place, bridge, transit }: Switching): boolean {
  if (!hasBridgeNetfilter(place)) return false
  const v4 = transit.packet.family === 'ipv4'
  const own = v4 ? bridge.info?.bridge?.nfCallIptables : bridge.info?.bridge?.nfCallIp6tables
  return own === 1 || place.settings.get(`net.bridge.bridge-nf-call-ip${v4 ? '' : '6'}tables`) === '1'
}

function hasBridgeNetfilter({ settings }: Switching['place']): boolean {
  return settings.get('net.bridge.bridge-nf-call-iptables') !== undefined
}

function ipHook(switching: Switching, hook: HookPoint, output: Link | undefined): BridgeHookAnswer {
  const { walk, place, bridge, input, transit } = switching
  // What the bridge's own namespace sends went through the IP hooks already; what goes up to it will.
  if (input === undefined || hook === 'input' || hook === 'output') return { kind: 'passed', transit }
  const ends = {
    layer: 'ip',
    hook,
    input: hook === 'postrouting' ? undefined : bridge,
    output: hook === 'prerouting' ? undefined : bridge,
    inputPort: input,
    outputPort: output,
  } as const
  const asked = visitHook(walk, place, ends, transit)
  if (asked.kind === 'stopped' || hook !== 'prerouting') return asked
  if (asked.transit.packet.destination === transit.packet.destination) return asked
  return translated({ ...switching, transit: asked.transit })
}

/** Its destination was translated: it goes up to the IP layer, unless the new one is on this very bridge. */
function translated(switching: Switching): BridgeHookAnswer {
  const { walk, place, bridge, transit } = switching
  const { frame } = transit.packet
  const packet = { ...transit.packet, frame: frame && { ...frame, destination: macOf(bridge) } }
  const detail = `translated on ${nameOf(bridge)}, up to the IP layer of ${place.label}`
  const up = hop(walk, place, bridge, transit, { action: 'bridge', passes: 'in', detail, packet })
  return { kind: 'taken-up', endings: [{ kind: 'landed', place, link: bridge, transit: up, preroutingDone: true }] }
}

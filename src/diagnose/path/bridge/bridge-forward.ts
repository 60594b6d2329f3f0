/** Where a frame goes within a bridge: to a port, to all of them, up to its own namespace (net/bridge/br_forward.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixMtu } from '../../remedy/link-fix.ts'
import { fixBridgeEntry } from '../../remedy/neighbour-fix.ts'
import { BROADCAST_MAC, isGroupMac } from '../addresses.ts'
import { hop, stopped } from '../hops.ts'
import { isUp, mtuOf, nameOf } from '../links.ts'
import type { FrameEnding, Stop, Transit } from '../transit.ts'
import { bridgeHook } from './bridge-hooks.ts'
import { lookUp } from './forwarding-table.ts'
import { filtersVlans, floodRefusal, membership, portsOf, refusal, type Switching } from './switching.ts'

/** Room for a vlan tag beyond a port's MTU (is_skb_forwardable, net/core/dev.c). */
const TAG_ROOM = 4

/** Sends a frame where it belongs. `replied`: the question in it was answered already, ports that suppress it are spared. */
export function forwardFrame(switching: Switching, replied: boolean): FrameEnding[] {
  const destination = switching.transit.packet.frame?.destination ?? ''
  if (isGroupMac(destination)) {
    const kind = destination === BROADCAST_MAC ? 'broadcast' : 'multicast'
    return [...flood(switching, kind, replied), ...passUp(switching)]
  }
  const answer = lookUp(switching, destination)
  if (answer.kind === 'local') return passUp(switching)
  const port = answer.kind === 'port' ? switching.place.link(answer.index) : undefined
  if (port === undefined) return flood(switching, 'unicast', replied)
  if (port.index === switching.input?.index && port.info?.bridgePort?.hairpin !== 1) return [backwards(switching, port)]
  const refused = refusal(switching, port)
  if (refused !== undefined) return [stopped(switching.walk, refused, switching.transit)]
  return sendTo(switching, port, `to ${destination} by the port ${nameOf(port)}`)
}

/** The table points back to where the frame came from: it is dropped. */
function backwards({ walk, place, bridge, vlan, transit }: Switching, port: Link): FrameEnding {
  const mac = transit.packet.frame?.destination ?? ''
  const summary = `The bridge ${nameOf(bridge)} in ${place.label} believes ${mac} to be behind ${nameOf(port)}, where the frame came from.`
  const evidence = [{ fact: `${nameOf(bridge)} in ${place.label}: ${mac} dev ${nameOf(port)}`, source: 'rtnetlink' }]
  const fix = fixBridgeEntry(place, walk.scene.home, nameOf(port), mac, vlan === 0 ? undefined : vlan)
  const stop: Stop = { code: 'fdb-wrong-destination', place, link: port, towards: port, summary, evidence, fix }
  return stopped(walk, stop, transit)
}

function flood(switching: Switching, kind: 'unicast' | 'multicast' | 'broadcast', replied: boolean): FrameEnding[] {
  const { walk, place, bridge, input } = switching
  return portsOf(place, bridge).flatMap((port): FrameEnding[] => {
    if (port.index === input?.index && port.info?.bridgePort?.hairpin !== 1) return []
    const settings = port.info?.bridgePort
    if (replied && (settings?.neighbourSuppress === 1 || settings?.proxyArp === 1)) return []
    const refused = refusal(switching, port) ?? floodRefusal(switching, port, kind)
    if (refused !== undefined) return [stopped(walk, refused, switching.transit)]
    return sendTo(switching, port, `flooded to the port ${nameOf(port)}`)
  })
}

function sendTo(switching: Switching, port: Link, detail: string): FrameEnding[] {
  const { walk, place, input } = switching
  const first = bridgeHook(switching, input === undefined ? 'output' : 'forward', port)
  if (first.kind === 'stopped') return [first]
  if (first.kind === 'taken-up') return first.endings
  const last = bridgeHook({ ...switching, transit: first.transit }, 'postrouting', port)
  if (last.kind === 'stopped') return [last]
  if (last.kind === 'taken-up') return last.endings
  const bridged = hop(walk, place, port, last.transit, { action: 'bridge', detail })
  const tagged = tag(switching, port, bridged)
  if (input !== undefined && tagged.packet.length > mtuOf(port) + TAG_ROOM) return [tooBig(switching, port, tagged)]
  return walk.steps.transmit(walk, place, port, tagged)
}

/** The tag that the frame leaves with (br_handle_vlan). */
function tag({ place, bridge, vlan }: Switching, port: Link, transit: Transit): Transit {
  const { frame } = transit.packet
  if (!filtersVlans(bridge) || frame === undefined || membership(place, port.index, vlan)?.untagged === true)
    return transit
  return { ...transit, packet: { ...transit.packet, frame: { ...frame, vlan } } }
}

function tooBig({ walk, place, bridge, input }: Switching, port: Link, transit: Transit): FrameEnding {
  const summary = `The port ${nameOf(port)} of the bridge ${nameOf(bridge)} in ${place.label} has MTU ${mtuOf(port)}, too small for ${transit.packet.length} bytes.`
  const evidence = [{ fact: `${nameOf(port)} in ${place.label} has MTU ${mtuOf(port)}`, source: 'rtnetlink' }]
  const fix = input === undefined ? null : fixMtu(place, walk.scene.home, nameOf(port), mtuOf(input))
  return stopped(walk, { code: 'mtu-mismatch', place, link: port, towards: port, summary, evidence, fix }, transit)
}

/** Up to the bridge as an interface of its namespace (br_pass_frame_up). */
function passUp(switching: Switching): FrameEnding[] {
  const { walk, place, bridge, input, vlan } = switching
  if (input === undefined) return []
  const asked = bridgeHook(switching, 'input', undefined)
  if (asked.kind === 'stopped') return [asked]
  if (asked.kind === 'taken-up') return asked.endings
  if (filtersVlans(bridge) && membership(place, bridge.index, vlan) === undefined) {
    const summary = `The bridge ${nameOf(bridge)} in ${place.label} is itself no member of vlan ${vlan}.`
    const evidence = [
      { fact: `${nameOf(bridge)} in ${place.label} is not a member of vlan ${vlan}`, source: 'rtnetlink' },
    ]
    return [
      stopped(walk, { code: 'bridge-port-blocked', place, link: bridge, summary, evidence, fix: null }, asked.transit),
    ]
  }
  if (!isUp(bridge)) return []
  const up = tag(switching, bridge, asked.transit)
  const detail = `up to ${nameOf(bridge)} itself`
  return walk.steps.arrive(
    walk,
    place,
    bridge,
    hop(walk, place, bridge, up, { action: 'bridge', passes: 'in', detail }),
  )
}

/** A bridge that answers for neighbours that it knows (br_do_proxy_suppress_arp, net/bridge/br_arp_nd_proxy.c). */
import { NeighbourState } from '../../../kernel/index.ts'
import { hop } from '../hops.ts'
import { nameOf } from '../links.ts'
import { answerTo, questionOf } from '../neighbour/question.ts'
import type { FrameEnding } from '../transit.ts'
import { lookUp } from './forwarding-table.ts'
import { portsOf, type Switching } from './switching.ts'

/** States in which the kernel trusts an entry (NUD_VALID). */
const VALID =
  NeighbourState.permanent |
  NeighbourState.noArp |
  NeighbourState.reachable |
  NeighbourState.probe |
  NeighbourState.stale |
  NeighbourState.delay

/** Its answer, when there is one, and whether ports that suppress questions are now spared them. */
export function answerForNeighbour(switching: Switching): { endings: FrameEnding[]; replied: boolean } {
  const { walk, place, bridge, input, transit } = switching
  const question = questionOf(transit.packet)
  const suppressing = portsOf(place, bridge).some(
    ({ info }) => info?.bridgePort?.neighbourSuppress === 1 || info?.bridgePort?.proxyArp === 1,
  )
  if (question === undefined || !suppressing) return { endings: [], replied: false }
  const known = place.neighbours.find(
    (entry) => entry.index === bridge.index && entry.destination === question.target && (entry.state & VALID) !== 0,
  )
  if (known?.lladdr === undefined) return { endings: [], replied: false }
  const where = lookUp(switching, known.lladdr)
  const port = where.kind === 'port' ? place.link(where.index) : undefined
  const answers = input?.info?.bridgePort?.proxyArp === 1 || port?.info?.bridgePort?.neighbourSuppress === 1
  if (!answers || input === undefined) return { endings: [], replied: answers }
  const detail = `${nameOf(bridge)} answers for ${question.target}: ${known.lladdr}`
  const reply = hop(walk, place, input, transit, {
    action: 'bridge',
    detail,
    packet: answerTo(transit.packet, known.lladdr),
  })
  return { endings: walk.steps.transmit(walk, place, input, reply), replied: true }
}

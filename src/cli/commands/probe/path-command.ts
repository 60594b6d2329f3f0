/** `netwright probe path` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json, to } from './common-options.ts'

/** The command. */
export const pathCommand: CommandSpec = {
  name: 'path',
  summary: 'Follow the way to an address hop by hop.',
  description:
    'Sends packets whose hop limit ends at each hop, in several rounds, from the namespace of FROM: echo requests, or TCP or ' +
    'UDP packets to a port, which pass where a service’s own packets pass. All packets of a run belong to one flow, so that ' +
    'they take one way. Hops that are namespaces of this host are called by name. On a terminal the table changes while one ' +
    'looks; Ctrl-C ends it.\n\n' +
    'Routers limit how often they say that a packet’s time is up (Linux: one a second after the first six), so loss at a hop ' +
    'that the hops behind it do not have is that limit. Exit code 1: the destination does not answer.',
  arguments: [from, to],
  options: [
    { long: '--tcp', value: 'PORT', summary: 'Send SYNs to this port.' },
    { long: '--udp', value: 'PORT', summary: 'Send datagrams to this port.' },
    { long: '--rounds', short: '-c', value: 'N', summary: 'Rounds, 5 when left out; 0 goes on until Ctrl-C.' },
    { long: '--interval', short: '-i', value: 'TIME', summary: 'Time between rounds, 300ms when left out.' },
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for an answer, 1s when left out.' },
    { long: '--hops', short: '-m', value: 'N', summary: 'Hops at most, 30 when left out.' },
    { long: '--size', short: '-s', value: 'BYTES', summary: 'Length of an echo request’s packet, 64 when left out.' },
    { long: '--mtu', summary: 'Also find the largest packet that gets to each hop.' },
    ...families,
    json,
  ],
  examples: [
    { command: 'netwright probe path docker:web 10.0.0.1', explains: 'The way out of a container.' },
    { command: 'netwright probe path host docker:web --mtu', explains: 'Where packets have to be smaller.' },
  ],
}

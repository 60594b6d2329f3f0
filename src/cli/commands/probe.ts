/** `netwright probe`: questions to the network, asked from within any namespace. */
import type { CommandSpec } from '../command.ts'
import { dnsCommand } from './probe/dns-command.ts'
import { httpCommand } from './probe/http-command.ts'
import { pathCommand } from './probe/path-command.ts'
import { pingCommand } from './probe/ping-command.ts'
import { scanCommand } from './probe/scan-command.ts'
import { socketsCommand } from './probe/sockets-command.ts'
import { tcpCommand } from './probe/tcp-command.ts'
import { throughputCommand } from './probe/throughput-command.ts'
import { trafficCommand } from './probe/traffic-command.ts'
import { udpCommand } from './probe/udp-command.ts'

/** The group of commands. */
export const probeCommand: CommandSpec = {
  name: 'probe',
  summary: 'Ask the network from within any namespace.',
  description:
    'Each probe is made from within the namespace of FROM, by sockets that are opened there, and needs no tool in the ' +
    'container. TO is an address, a name (resolved by FROM’s own resolv.conf and hosts) or another target.',
  examples: [
    { command: 'netwright probe ping docker:web 10.0.0.1', explains: 'From within a container.' },
    { command: 'netwright probe tcp docker:web docker:db 5432', explains: 'From one container to another’s port.' },
  ],
  // Loaded from here, by paths that name the folder: the build leaves other commands' folders out by them.
  commands: [
    { ...pingCommand, load: () => import('./probe/ping.ts') },
    { ...tcpCommand, load: () => import('./probe/tcp.ts') },
    { ...udpCommand, load: () => import('./probe/udp.ts') },
    { ...httpCommand, load: () => import('./probe/http.ts') },
    { ...dnsCommand, load: () => import('./probe/dns.ts') },
    { ...pathCommand, load: () => import('./probe/path.ts') },
    { ...scanCommand, load: () => import('./probe/scan.ts') },
    { ...throughputCommand, load: () => import('./probe/throughput.ts') },
    { ...trafficCommand, load: () => import('./probe/traffic.ts') },
    { ...socketsCommand, load: () => import('./probe/sockets.ts') },
  ],
}

/** Codes about names, ports and services. */
import type { CatalogueEntry } from '../entry.ts'

/** Names and services. */
export const SERVICE_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'dns-unreachable',
    title: 'A resolver does not answer',
    severity: 'error',
    meaning:
      'Every look-up of a name takes five seconds or more and fails, so everything that uses names seems slow or broken, while addresses work.',
    arises: [
      'The resolver is off, or its address is not reachable from this namespace.',
      'A filter drops UDP port 53.',
      'resolv.conf was copied from a host whose network this namespace is not in.',
    ],
    detected:
      'No route leads from the namespace to the resolver that its resolv.conf names. With --probe each resolver is asked, and must answer within a second.',
    mended:
      'Name a resolver that can be reached (for Docker: --dns, or “dns” in daemon.json), or clear the way to it: “netwright trace TARGET RESOLVER --udp 53”.',
  },
  {
    code: 'dns-name-unknown',
    title: 'A resolver answers, but does not know the name',
    severity: 'error',
    meaning: 'The look-up is answered with “no such name”. The network is well.',
    arises: [
      'The name is misspelt, or the container is not running.',
      'Names of containers are known only on networks that one has made oneself; Docker’s default bridge has none.',
      'The name needs a search domain that this namespace does not have.',
    ],
    detected:
      'A trace to a name resolves it as the container would: with its resolv.conf, its hosts file and its search list.',
    mended: 'Put both containers on a network of their own (“docker network create”), or use the full name.',
  },
  {
    code: 'dns-misconfigured',
    title: 'resolv.conf names a resolver that cannot be there',
    severity: 'error',
    meaning:
      'The resolver’s address is a loopback address, which means the namespace itself, and nothing listens there.',
    arises: [
      'The host’s resolv.conf was taken over; the host’s resolver (systemd-resolved at 127.0.0.53, dnsmasq) cannot be reached from another namespace under that address.',
      'Docker’s own resolver at 127.0.0.11 is gone from the container’s namespace: the daemon was restarted, or the namespace’s rules were flushed.',
    ],
    detected:
      'resolv.conf is read with the eyes of a process of the namespace (or from /etc/netns/NAME), and sockets on port 53 of that address are looked for.',
    mended:
      'Name a resolver that can be reached from there. For a container, restart it, or give Docker a resolver (--dns).',
  },
  {
    code: 'port-closed',
    title: 'Nobody listens on the port',
    severity: 'warning',
    meaning: 'The packet arrives, and the kernel answers “connection refused”.',
    arises: [
      'The program has not started yet, or has ended.',
      'It listens on another port, or for the other protocol or family.',
      'The wrong port was published: “-p 80:8080” leads to port 8080 of the container.',
    ],
    detected:
      'Listening sockets of the container are held against its published ports; a trace looks at the port that was asked for.',
    mended: 'Start the program, or publish the port on which it listens. No command for the network can do that.',
  },
  {
    code: 'listener-on-loopback',
    title: 'The program listens on 127.0.0.1 only',
    severity: 'error',
    meaning:
      'It can be reached from inside its own namespace only. From everywhere else the port looks closed, although the program runs and a test inside the container succeeds.',
    arises: [
      'The program’s default is to listen on localhost; many development servers and databases do.',
      'A configuration for a single host was put into a container as it was.',
    ],
    detected:
      'The only listening sockets for a published port (or for the one that is traced) are bound to a loopback address.',
    mended:
      'Have the program listen on 0.0.0.0 (IPv6: ::) or on the container’s address; how is in its own configuration (--host, bind, listen).',
  },
  {
    code: 'backend-missing',
    title: 'A load balancer has nobody to send to',
    severity: 'warning',
    meaning: 'The virtual service takes connections and has no destination for them: clients are refused or wait.',
    arises: [
      'All tasks of the service have stopped, or none has become healthy.',
      'The load balancer was not told of the tasks: a message of the control plane was lost.',
    ],
    detected: 'IPVS services without a destination of a weight above zero.',
    mended:
      'Start tasks. Where tasks run, let the runtime tell the load balancer again: “docker service update --force SERVICE”.',
  },
  {
    code: 'backend-stale',
    title: 'A load balancer sends to somebody who is gone',
    severity: 'warning',
    meaning: 'A share of the connections goes to an address that nobody has: one of N requests hangs.',
    arises: [
      'A task was removed while its node could not be reached.',
      'The message that the task has ended was lost.',
    ],
    detected:
      'Destinations of IPVS services are held against who is on the wire that leads to them, when all of it is in sight.',
    mended:
      '“ipvsadm -d” with that destination, in the load balancer’s namespace, or “docker service update --force SERVICE”.',
  },
  {
    code: 'gossip-inconsistent',
    title: 'Nodes of a cluster do not agree',
    severity: 'warning',
    meaning:
      'What the nodes tell each other about networks and endpoints differs from node to node, or from what their kernels have: some reach a service and others do not.',
    arises: [
      'A node was cut off for longer than its messages are kept.',
      'Messages were lost because there were more than fit in time.',
      'Clocks or versions of the nodes differ.',
    ],
    detected:
      'The tables of the nodes are compared with each other and with the kernel’s entries (“netwright verify”).',
    mended:
      'Wait for the next full exchange (it is made every 30 seconds or so); a node that stays apart must leave and join again.',
  },
]

/** Codes about routes and what the kernel does with packets that are not its own. */
import type { CatalogueEntry } from '../entry.ts'

/** Routing. */
export const ROUTE_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'route-missing',
    title: 'A namespace has no route to where it must send',
    severity: 'error',
    meaning: 'Sending fails at once with “network is unreachable”. Its own subnets may work all the same.',
    arises: [
      'The default route was deleted; it also goes when the interface is switched off and on.',
      'A VPN or a script replaced routes and was interrupted.',
      'The container was attached to internal networks only, and somebody expects more of it.',
    ],
    detected:
      'The runtime has a gateway on record and the namespace has no default route; or all its neighbours have one and it has none. A trace asks the kernel itself.',
    mended: '“ip route add default via GATEWAY”.',
  },
  {
    code: 'route-blackhole',
    title: 'A route throws packets away',
    severity: 'warning',
    meaning:
      'Packets to that prefix are dropped, in silence (blackhole) or with an error to the sender (unreachable, prohibit), by a route that says so.',
    arises: [
      'Somebody put a network out of use this way and forgot it.',
      'A routing daemon or network plugin keeps such a route under the prefix that it announces, so that packets for parts that do not exist do not circle. Then it is right, and only a remark.',
    ],
    detected:
      'Such routes of the main table are held against addresses that are in use and would be reached without them.',
    mended: '“ip route del TYPE PREFIX”. It is never done by itself: the route is somebody’s decision.',
  },
  {
    code: 'return-route-missing',
    title: 'The way there is right, the way back is not',
    severity: 'error',
    meaning:
      'The packet arrives and is answered, but a namespace on the way back has no route to the sender, or the wrong one. The sender sees silence, as if the destination were off.',
    arises: [
      'A route was added on one side only.',
      'The sender’s address ought to have been masqueraded on the way (see nat-missing).',
      'The destination has another default gateway than the one by which the packet came.',
    ],
    detected: 'A trace follows the answer as it followed the question.',
    mended: 'Add the route in the namespace that the finding names.',
  },
  {
    code: 'gateway-unreachable',
    title: 'A gateway that nobody is',
    severity: 'error',
    meaning:
      'Everything for the outside goes to an address that nobody on the wire has; after three seconds of asking, the kernel gives up with “no route to host”.',
    arises: [
      'The gateway was typed wrong, or the network was given another one.',
      'The bridge lost its address, or was made anew without one.',
      'The router is not running.',
    ],
    detected:
      'The gateway’s address is looked for on the wire, when the whole wire is in sight: no physical interface, no tunnel to elsewhere, nobody who answers for others.',
    mended: 'Replace the route, or give the address back to who should have it.',
  },
  {
    code: 'forwarding-disabled',
    title: 'A router does not forward',
    severity: 'error',
    meaning:
      'Others send it packets that are for somebody else, and it throws them away. Its own connections work, so a look from the host itself shows nothing.',
    arises: [
      'A hardening script or a sysctl file set net.ipv4.ip_forward (net.ipv6.conf.all.forwarding) to 0; Docker sets it when it starts, and what comes later wins.',
      'A namespace used as a router was made without it: in new namespaces it is off.',
    ],
    detected:
      'Namespaces have routes by way of an address of this one, it has another wire to forward to, and the setting is 0.',
    mended:
      '“sysctl -w net.ipv4.ip_forward=1”, and an entry in /etc/sysctl.d so that it lasts. With IPv6, a host that forwards no longer takes router advertisements (accept_ra=2 keeps them).',
  },
  {
    code: 'reverse-path-filter',
    title: 'A strict reverse path filter drops what takes another way back',
    severity: 'warning',
    meaning:
      'A packet comes in by one interface, and the answer would leave by another. With rp_filter=1 the kernel takes that for forgery and drops the packet, without a word.',
    arises: [
      'There are two ways between the two, and the routes of the two sides do not mirror each other.',
      'A VPN or policy routing sends one direction elsewhere.',
      'The stricter setting of “all” or the interface counts, so a value for “all” can surprise every interface.',
    ],
    detected:
      'For interfaces with the strict filter the kernel is asked by which way it would answer those who send through them.',
    mended:
      'Make the routes mirror each other, or set rp_filter of that interface to 2 (loose), which still drops sources that no route leads to. That lowers a guard, so it is not done by itself.',
  },
]

/** Codes about links, and the addresses on them. */
import type { CatalogueEntry } from '../entry.ts'

/** Links and addresses. */
export const LINK_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'interface-down',
    title: 'An interface is switched off',
    severity: 'error',
    meaning:
      'Nothing passes through it, in either direction, and its other end has no carrier. A bridge that is off forwards nothing between any of its ports.',
    arises: [
      'Somebody, or a script, ran “ip link set … down” and nobody ran “up”.',
      'The interface was moved to another namespace, which always switches it off, and the tool that moved it was interrupted.',
      'A bridge was made by hand; new interfaces are off.',
    ],
    detected:
      'An interface is administratively down although it has addresses, or is a bridge’s port with somebody behind it, or joins an overlay. Interfaces that nobody uses may be down.',
    mended:
      '“ip link set dev NAME up” in its namespace. IPv6 addresses are lost when an interface goes down and may have to be given again.',
  },
  {
    code: 'carrier-down',
    title: 'An interface is switched on, but has no carrier',
    severity: 'warning',
    meaning:
      'Nobody is at the other end: packets that are routed there vanish, although addresses and routes look right.',
    arises: [
      'A cable is unplugged, or the switch port is off.',
      'The program behind a tap or tun interface (a virtual machine, a VPN) has ended.',
      'The interface under a vlan or macvlan lost its carrier; the finding then names that one.',
    ],
    detected: 'The interface has addresses and the flag UP, but not LOWER_UP, and no finding explains that already.',
    mended:
      'Not from here: plug it in, or start what ought to be at the other end. An address that is not needed can be removed.',
  },
  {
    code: 'link-peer-missing',
    title: 'A virtual cable has one end, or a container lost its interface',
    severity: 'error',
    meaning:
      'The runtime believes the container to be attached to a network, but the container’s namespace has no such interface; or an end is left whose counterpart does not exist.',
    arises: [
      'Somebody deleted the end of a veth on the host: both ends are then gone, and the runtime does not notice.',
      'The other end was in a namespace that was destroyed while this one was kept.',
      'A node of a lab was restarted by another tool than the lab’s: its new namespace is empty.',
    ],
    detected:
      'Each endpoint that Docker has on record is looked for in the container’s namespace, by MAC and by address.',
    mended:
      '“docker network disconnect” and “connect” make a new cable; the container keeps running, connections over that network end. Elsewhere, restart the container.',
  },
  {
    code: 'mtu-mismatch',
    title: 'Two ends disagree about how large a packet may be',
    severity: 'warning',
    meaning:
      'Small packets pass and large ones vanish without an error: connections are made, and then hang as soon as data flows. ' +
      'Neither a veth nor a bridge tells the sender, as a router would.',
    arises: [
      'One end of a cable was given another MTU, for a tunnel for example, and the other was forgotten.',
      'One port of a bridge differs from the others.',
      'A tunnel has the usual 1500 although the network below has no more either: vxlan needs 50 bytes of each packet (70 over IPv6).',
    ],
    detected:
      'MTUs are compared: of the two ends of a veth, of the ports of one bridge, of a vxlan with the interface that its outer packets leave by.',
    mended:
      'Give all ends the same MTU, the smallest that is needed. The printed commands set the odd one to what its neighbours have.',
  },
  {
    code: 'address-duplicate',
    title: 'One address is on two interfaces of one wire',
    severity: 'error',
    meaning:
      'Whoever asks for the address gets two answers and believes the last one: connections reach now the one, now the other, and break off.',
    arises: [
      'An address was given by hand that an address plugin had already given to another container.',
      'A leaked namespace (netns-leaked) still answers for its old address.',
      'A container was copied with its address; two hosts were given the same range.',
    ],
    detected:
      'Addresses are compared among interfaces that hear each other’s broadcasts, overlay tunnels between namespaces of this host included. The same address on wires that are apart is normal. ' +
      'An IPv6 address that failed duplicate address detection counts too.',
    mended:
      'Take the address from the one that should not have it. Which one that is only a person knows, so it is never done by itself; the printed command takes it from the less entitled one.',
  },
  {
    code: 'address-missing',
    title: 'A container lacks an address that it ought to have',
    severity: 'error',
    meaning:
      'Its runtime tells everybody to reach it at that address (by DNS, by published ports), and nobody answers there.',
    arises: [
      'A program in the container, or an administrator, removed the address.',
      'The interface was switched off and on: IPv6 addresses do not survive that.',
      'The runtime was interrupted between making the interface and giving it its address.',
    ],
    detected:
      'The addresses that Docker has on record are held against those on the interface that has the recorded MAC.',
    mended: '“ip address add” in the container’s namespace; routes that went with the address have to be given again.',
  },
  {
    code: 'mac-duplicate',
    title: 'Two interfaces of one wire have the same MAC',
    severity: 'error',
    meaning: 'A bridge remembers one port for each MAC, so frames for both go to whichever spoke last.',
    arises: [
      'A MAC was set by hand, or copied with a configuration.',
      'A virtual machine or container was cloned.',
      'Two programs derive MACs from addresses by the same rule.',
    ],
    detected:
      'MACs are compared among interfaces that hear each other. Ports of bridges, vlans, ipvlans and parts of bonds share theirs by nature and are left out.',
    mended:
      'Give one of them another MAC; its neighbours learn it with its next packet. Connections last, but what was configured by MAC (DHCP leases, filters) must follow.',
  },
  {
    code: 'subnet-overlap',
    title: 'Two wires of one namespace claim the same addresses',
    severity: 'warning',
    meaning:
      'For an address that lies in both subnets the kernel uses one wire only, so those who have it on the other cannot be reached, nor be answered.',
    arises: [
      'Docker’s default pools (172.17.0.0/16 and following) meet a company network or VPN that uses the same range.',
      'Two networks were made by different tools with the same range.',
      'A prefix was typed too short: /16 instead of /24.',
    ],
    detected:
      'Subnets that are on the link of two interfaces of a namespace, in the main table, have addresses in common, and the interfaces are not on one wire.',
    mended:
      'Give one of the networks another range (for Docker: “docker network create --subnet”, or “default-address-pools” in daemon.json). No command can do that without taking addresses from somebody.',
  },
  {
    code: 'interface-orphaned',
    title: 'An interface or bridge that belongs to nobody',
    severity: 'info',
    meaning:
      'Something that a runtime made has outlived what it was made for. It does no harm by itself, but it keeps its subnet occupied, and thousands of them make a host slow.',
    arises: [
      'The runtime was killed while it removed a network or a container.',
      'A network’s record was lost (the runtime’s data directory was emptied), and its bridge was not.',
    ],
    detected:
      'A bridge is named as Docker names its bridges (br- and the network’s id), or a veth as runtimes name theirs, in a namespace whose daemon answers and does not know it.',
    mended:
      'Delete it: “ip link delete dev NAME”. That is not done by itself, because another program may have given it that name.',
  },
  {
    code: 'lease-stale',
    title: 'An address is booked for a container that does not exist',
    severity: 'warning',
    meaning:
      'The address plugin will not give the address to anybody else. When enough of them have gathered, new containers get none.',
    arises: [
      'The host crashed or was restarted before the plugin was told that its containers are gone.',
      'The runtime failed to remove a container and never tried again.',
    ],
    detected:
      'Files in which address plugins book addresses (host-local below /var/lib/cni/networks) are held against the containers and the addresses that there are.',
    mended: 'Remove the file named after the address. The plugin takes its directory for its whole truth.',
  },
]

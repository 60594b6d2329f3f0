/** Codes about bridges and tunnels. */
import type { CatalogueEntry } from '../entry.ts'

/** Bridges, neighbours, forwarding entries. */
export const BRIDGE_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'bridge-port-missing',
    title: 'A container’s cable is not plugged into its bridge',
    severity: 'error',
    meaning:
      'The container has its interface and address, but the end of the cable on the host hangs loose: the container reaches nobody, its gateway included.',
    arises: [
      'The host’s end was taken out of the bridge (“ip link set … nomaster”), often by a network manager that took it for its own.',
      'The bridge was deleted and made anew; its ports do not come back by themselves.',
      'The tool that made the cable was interrupted.',
    ],
    detected:
      'A veth end has neither a master nor an address nor a route, but somebody with an address at its other end, and a bridge beside it serves that subnet, or is on record as that network’s.',
    mended: '“ip link set dev NAME master BRIDGE”. Settings of the port (vlans, isolation) have to be given again.',
  },
  {
    code: 'bridge-port-isolated',
    title: 'Ports of a bridge are isolated from each other',
    severity: 'info',
    meaning:
      'Nothing passes between two isolated ports, broadcasts included; each still reaches the ports that are not isolated. Usually somebody wants it so.',
    arises: [
      '“bridge link set … isolated on”; Docker does it for networks without communication between containers, and so do some address plugins.',
    ],
    detected: 'Two or more ports of a bridge have the flag.',
    mended:
      '“bridge link set dev NAME isolated off”. It is never done by itself: isolation protects containers from each other.',
  },
  {
    code: 'bridge-port-blocked',
    title: 'A bridge forwards nothing through a port',
    severity: 'error',
    meaning:
      'The port is there and has a carrier, but its state is not “forwarding”: frames that come in by it are thrown away, and none go out.',
    arises: [
      'The state was set by hand, or a spanning tree ran in user space and has ended.',
      'A spanning tree blocks the port because it closes a circle; that is its purpose.',
      'A spanning tree makes a new port wait, 30 seconds by default, before it forwards.',
    ],
    detected:
      'The state of each port that has a carrier is read. With a spanning tree on the bridge it is a remark, without one an error.',
    mended: 'Without a spanning tree: “bridge link set dev NAME state 3”. With one: wait, or open the circle.',
  },
  {
    code: 'neighbour-failed',
    title: 'A neighbour does not answer',
    severity: 'warning',
    meaning:
      'The kernel asked who has an address of the wire and nobody said so; what is sent there fails with “no route to host”.',
    arises: [
      'The neighbour is off, or has another address than was believed.',
      'Something between the two drops ARP (IPv6: neighbour discovery): an arp or bridge filter, a vlan that does not match.',
    ],
    detected:
      'An entry is in state FAILED, and it is a gateway, or somebody who is there and ought to answer. What was only asked for once and never existed is left out.',
    mended:
      'When the neighbour is back, delete the entry, or wait: the kernel asks again with the next packet. “netwright trace” finds what is in the way.',
  },
  {
    code: 'neighbour-missing',
    title: 'An overlay does not know the MAC of an address',
    severity: 'error',
    meaning:
      'The tunnel end answers questions about neighbours itself (proxy) and passes none on; what it does not know nobody on this host can reach, although the other side is well.',
    arises: [
      'The control plane (Docker’s gossip, flannel, Cilium) lost the message, or its daemon was restarted at the wrong moment.',
      'The entry was deleted by hand, or expired because it was not permanent.',
    ],
    detected:
      'Stations behind the other tunnel ends that are visible on this host are held against the neighbour table of this one.',
    mended:
      '“ip neigh replace ADDRESS lladdr MAC dev VXLAN nud permanent”. When it comes back, look for the cause in the control plane.',
  },
  {
    code: 'neighbour-wrong',
    title: 'A permanent entry gives an address a wrong MAC',
    severity: 'error',
    meaning:
      'Packets for the address go to nobody, or to somebody else. The kernel never asks again about a permanent entry, so it does not heal.',
    arises: [
      'The container was made anew with another MAC, and the entry (of an overlay, or set by hand) still has the old one.',
      'The entry was typed wrong, or set on purpose by somebody in between.',
    ],
    detected:
      'Permanent entries are held against who has the address on that wire. Where part of the wire is out of sight, only what is certain is reported.',
    mended:
      '“ip neigh replace” with the right MAC, or “ip neigh del” where nobody has the address; the kernel then asks.',
  },
  {
    code: 'fdb-missing',
    title: 'An overlay does not know behind which host a MAC is',
    severity: 'error',
    meaning:
      'Frames for that container are dropped where they should enter the tunnel: the sender resolves the address and then gets no answer.',
    arises: [
      'The control plane lost the message that the container was started; under load this is the usual cause of “a healthy service cannot be reached from one node”.',
      'The entry was deleted, or aged because it was not permanent.',
    ],
    detected:
      'Stations behind the other tunnel ends that are visible on this host are held against the forwarding entries of this one, when it has no entry for everything unknown.',
    mended: '“bridge fdb replace MAC dev VXLAN dst HOST self permanent”.',
  },
  {
    code: 'fdb-wrong-destination',
    title: 'An overlay sends frames to the wrong host',
    severity: 'error',
    meaning: 'Frames for that container go to a host where it is not, or to none at all, and are dropped there.',
    arises: [
      'The container moved to another host, and the message about that was lost or came too early.',
      'A host of the cluster is gone, or has another address now.',
    ],
    detected:
      'The destination of each entry is held against the host behind which the MAC is, or, where the wire of the hosts is wholly in sight, against who is on it.',
    mended: '“bridge fdb replace MAC dev VXLAN dst HOST self permanent”; an entry that leads to nobody is deleted.',
  },
  {
    code: 'vxlan-vni-mismatch',
    title: 'Two tunnel ends of one network use different numbers',
    severity: 'error',
    meaning:
      'Each end sends frames with its own number (VNI) or port, and the other throws them away as not its own. Nothing passes, in either direction.',
    arises: [
      'One end was made with another id or dstport. Linux’ default port is 8472, the standard’s is 4789.',
      'A network was removed and made anew, with a new number, and one host did not take part.',
    ],
    detected:
      'The entries of one end lead to a host that has no end of this number, but one of another number for the same subnet, which nobody else uses.',
    mended:
      'A vxlan’s number and port cannot be changed: delete it and make it anew with the right ones, or let the runtime make the network anew.',
  },
]

/** Which table reads the data of which kind. A new kind is one file and one line here. */
import { bond, bondPort } from './bond.ts'
import { bridge } from './bridge.ts'
import { bridgePort } from './bridge-port.ts'
import { geneve } from './geneve.ts'
import { gre } from './gre.ts'
import { ip6tnl, ipip, sit } from './ip-tunnel.ts'
import { ipvlan } from './ipvlan.ts'
import { macvlan } from './macvlan.ts'
import { netkit } from './netkit.ts'
import { tun } from './tun.ts'
import { veth } from './veth.ts'
import { vlan } from './vlan.ts'
import { vrf, vrfPort } from './vrf.ts'
import { vti } from './vti.ts'
import { vxlan } from './vxlan.ts'
import { xfrm } from './xfrm.ts'

/** Kinds with data of their own, by the kernel's name, which is also the property that the data appears under. */
export const linkKinds = {
  bond,
  bridge,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  ip6erspan: gre,
  ip6gre: gre,
  ip6gretap: gre,
  ip6tnl,
  ipip,
  ipvlan,
  ipvtap: ipvlan,
  macvlan,
  macvtap: macvlan,
  netkit,
  sit,
  tun,
  veth,
  vlan,
  vrf,
  vti,
  vti6: vti,
  vxlan,
  xfrm,
} as const

/** Kinds whose ports have data of their own, with the property that it appears under. */
export const portKinds = {
  bond: { property: 'bondPort', table: bondPort },
  bridge: { property: 'bridgePort', table: bridgePort },
  vrf: { property: 'vrfPort', table: vrfPort },
} as const

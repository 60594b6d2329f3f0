/** Tools that people know for networks, what they are for, and what does the same here. */

/** A tool. */
export interface KnownTool {
  /** As it is typed. */
  readonly name: string
  readonly purpose: string
  /** The package that has it on Debian and Ubuntu; null where there is none. */
  readonly package: string | null
  /** What of Netwright answers the same question; null where nothing does. */
  readonly here: string | null
  /** Words that show something when they are run in a namespace; null for a tool that does not look into namespaces. */
  readonly inside: string | null
}

const tool = (
  name: string,
  purpose: string,
  package_: string | null,
  here: string | null,
  inside: string | null = name,
): KnownTool => ({ name, purpose, package: package_, here, inside })

/** All of them, in the order in which people are told. */
export const KNOWN_TOOLS: readonly KnownTool[] = [
  tool('tcpdump', 'show and record packets', 'tcpdump', 'netwright capture TARGET', 'tcpdump -ni eth0'),
  tool('tshark', 'decode packets in depth', 'tshark', 'netwright capture TARGET -w - | tshark -r -', 'tshark -i eth0'),
  tool('ngrep', 'search in packets', 'ngrep', 'netwright capture TARGET', 'ngrep -d any'),
  tool('ping', 'is it reachable', 'iputils-ping', 'netwright probe ping FROM TO', 'ping -c 3 10.0.0.1'),
  tool('fping', 'are many reachable', 'fping', 'netwright probe ping FROM TO', 'fping 10.0.0.1'),
  tool('arping', 'who has this address on the link', 'arping', null, 'arping -c 3 10.0.0.1'),
  tool('traceroute', 'which way packets take', 'traceroute', 'netwright probe path FROM TO', 'traceroute 10.0.0.1'),
  tool('tracepath', 'the way, and its MTU', 'iputils-tracepath', 'netwright probe path FROM TO', 'tracepath 10.0.0.1'),
  tool('mtr', 'the way, watched', 'mtr-tiny', 'netwright probe path FROM TO', 'mtr 10.0.0.1'),
  tool('iperf3', 'how much goes', 'iperf3', 'netwright probe throughput FROM TO', 'iperf3 -s'),
  tool('iperf', 'how much goes', 'iperf', 'netwright probe throughput FROM TO', 'iperf -s'),
  tool('netperf', 'how much goes, and how fast', null, 'netwright probe throughput FROM TO'),
  tool('nmap', 'which ports are open', 'nmap', 'netwright probe scan FROM TO', 'nmap 10.0.0.1'),
  tool('hping3', 'packets made to order', 'hping3', 'netwright probe tcp FROM TO PORT', 'hping3 -S -p 80 10.0.0.1'),
  tool('nc', 'talk over TCP or UDP', 'netcat-openbsd', 'netwright probe tcp FROM TO PORT', 'nc -zv 10.0.0.1 80'),
  tool('ncat', 'talk over TCP or UDP', 'ncat', 'netwright probe tcp FROM TO PORT', 'ncat -zv 10.0.0.1 80'),
  tool('socat', 'join any two streams', 'socat', null, 'socat - TCP:10.0.0.1:80'),
  tool('curl', 'ask a web server', 'curl', 'netwright probe http FROM URL', 'curl -v http://10.0.0.1/'),
  tool('wget', 'ask a web server', 'wget', 'netwright probe http FROM URL', 'wget -O - http://10.0.0.1/'),
  tool('ab', 'load a web server', 'apache2-utils', null, 'ab -n 100 http://10.0.0.1/'),
  tool('dig', 'ask a name server', 'bind9-dnsutils', 'netwright probe dns FROM NAME', 'dig example.com'),
  tool('drill', 'ask a name server', 'ldnsutils', 'netwright probe dns FROM NAME', 'drill example.com'),
  tool('host', 'ask a name server', 'bind9-host', 'netwright probe dns FROM NAME', 'host example.com'),
  tool('nslookup', 'ask a name server', 'bind9-dnsutils', 'netwright probe dns FROM NAME', 'nslookup example.com'),
  tool('dhcping', 'ask a DHCP server', 'dhcping', null),
  tool('ip', 'links, addresses, routes', 'iproute2', 'netwright show TARGET', 'ip address'),
  tool('ifconfig', 'links and addresses', 'net-tools', 'netwright show TARGET', 'ifconfig -a'),
  tool('route', 'routes', 'net-tools', 'netwright show TARGET --only routes', 'route -n'),
  tool('bridge', 'bridge ports, forwarding entries, VLANs', 'iproute2', 'netwright show TARGET', 'bridge fdb show'),
  tool('brctl', 'bridges', 'bridge-utils', 'netwright show TARGET', 'brctl show'),
  tool('ss', 'sockets', 'iproute2', 'netwright probe sockets TARGET', 'ss -tunap'),
  tool('netstat', 'sockets', 'net-tools', 'netwright probe sockets TARGET', 'netstat -tunap'),
  tool('lsof', 'who holds a socket', 'lsof', 'netwright probe sockets TARGET', 'lsof -i'),
  tool('conntrack', 'tracked connections', 'conntrack', 'netwright show TARGET --only conntrack', 'conntrack -L'),
  tool('nft', 'packet filter rules', 'nftables', 'netwright show TARGET --only nftables', 'nft list ruleset'),
  tool('iptables', 'packet filter rules', 'iptables', 'netwright show TARGET --only iptables', 'iptables-save'),
  tool('ipset', 'sets of addresses', 'ipset', 'netwright show TARGET --only nftables', 'ipset list'),
  tool('ipvsadm', 'load balancing in the kernel', 'ipvsadm', 'netwright show TARGET', 'ipvsadm -Ln'),
  tool('ethtool', 'settings and counters of a device', 'ethtool', 'netwright show TARGET', 'ethtool -k eth0'),
  tool('tc', 'queueing and policing', 'iproute2', 'netwright show TARGET', 'tc -s qdisc'),
  tool('iftop', 'who uses the link', 'iftop', 'netwright top TARGET', 'iftop -n'),
  tool('nethogs', 'which program uses the link', 'nethogs', 'netwright top TARGET'),
  tool('iptraf-ng', 'what passes a link', 'iptraf-ng', 'netwright top TARGET'),
  tool('ctop', 'containers and what they use', null, 'netwright top', null),
  tool('wg', 'WireGuard tunnels', 'wireguard-tools', 'netwright show TARGET', 'wg show'),
  tool('nsenter', 'run a program in a namespace', 'util-linux', 'netwright ns exec TARGET -- COMMAND', null),
  tool('lldpctl', 'neighbours that announce themselves', 'lldpd', null, null),
  tool('vtysh', 'routing protocols of FRR', 'frr', null, 'vtysh'),
  tool('birdc', 'routing protocols of BIRD', 'bird2', null, 'birdc show protocols'),
  tool('ovs-vsctl', 'Open vSwitch', 'openvswitch-switch', null, null),
  tool('calicoctl', 'Calico', null, null, null),
  tool('cilium', 'Cilium', null, null, null),
  tool('bpftool', 'BPF programs and maps', 'bpftool', null, 'bpftool net'),
  tool('docker', 'containers of Docker', 'docker.io', 'netwright map', null),
  tool('podman', 'containers of Podman', 'podman', 'netwright map', null),
  tool('kubectl', 'Kubernetes', null, null, null),
  tool('containerlab', 'network labs', null, null, null),
]

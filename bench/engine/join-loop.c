/*
 * The floor that joining an endpoint is measured against: for each of argv[2] sandboxes (named namespaces whose names begin
 * with argv[1]) makes a veth pair with one end in it, puts the host end on bridge br0 and up, gives the inner end an address,
 * brings it up and adds a default route: four netlink requests. Prints the microseconds for one, mean of all.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	char body[1024];
};

static struct rtattr *attribute(struct request *r, int type, const void *value, int length)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(a), value, length);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void end(struct request *r, struct rtattr *nest)
{
	nest->rta_len = (char *)r + r->header.nlmsg_len - (char *)nest;
}

static void begin(struct request *r, int type, int flags, const void *body, int length)
{
	memset(r, 0, sizeof *r);
	r->header.nlmsg_len = NLMSG_LENGTH(length);
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	memcpy(NLMSG_DATA(&r->header), body, length);
}

static void ask(int fd, struct request *r)
{
	char answer[4096];
	if (send(fd, r, r->header.nlmsg_len, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0)
		exit(2);
	struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);
	if (error->error) {
		fprintf(stderr, "netlink: %s\n", strerror(-error->error));
		exit(3);
	}
}

static void pair(int fd, int i, int namespace, unsigned bridge)
{
	struct request r;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, inner = { 0 };
	char name[IFNAMSIZ];
	snprintf(name, sizeof name, "v%d", i);
	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
	attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
	attribute(&r, IFLA_MASTER, &bridge, 4);
	struct rtattr *info = attribute(&r, IFLA_LINKINFO, 0, 0);
	attribute(&r, IFLA_INFO_KIND, "veth", 5);
	struct rtattr *data = attribute(&r, IFLA_INFO_DATA, 0, 0);
	struct rtattr *peer = attribute(&r, VETH_INFO_PEER, &inner, sizeof inner);
	attribute(&r, IFLA_IFNAME, "eth0", 5);
	attribute(&r, IFLA_NET_NS_FD, &namespace, 4);
	end(&r, peer);
	end(&r, data);
	end(&r, info);
	ask(fd, &r);
}

static void configure(int fd, int i)
{
	struct request r;
	unsigned index = if_nametoindex("eth0"), own = htonl(0x0a3c0000 + 2 + i), gateway = htonl(0x0a3c0001);
	struct ifaddrmsg address = { AF_INET, 16, 0, 0, index };
	begin(&r, RTM_NEWADDR, NLM_F_CREATE, &address, sizeof address);
	attribute(&r, IFA_LOCAL, &own, 4);
	ask(fd, &r);
	struct ifinfomsg up = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	begin(&r, RTM_NEWLINK, 0, &up, sizeof up);
	ask(fd, &r);
	struct rtmsg route = { AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0 };
	begin(&r, RTM_NEWROUTE, NLM_F_CREATE, &route, sizeof route);
	attribute(&r, RTA_GATEWAY, &gateway, 4);
	ask(fd, &r);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 1;
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), count = atoi(argv[2]);
	int host = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	unsigned bridge = if_nametoindex("br0");
	struct timespec start, finish;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < count; i++) {
		char path[256];
		snprintf(path, sizeof path, "/run/netns/%s%d", argv[1], i);
		int namespace = open(path, O_RDONLY | O_CLOEXEC);
		pair(host, i, namespace, bridge);
		if (setns(namespace, CLONE_NEWNET) < 0)
			return 4;
		int inside = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
		configure(inside, i);
		close(inside);
		setns(home, CLONE_NEWNET);
		close(namespace);
	}
	clock_gettime(CLOCK_MONOTONIC, &finish);
	printf("%.0f\n", ((finish.tv_sec - start.tv_sec) * 1e6 + (finish.tv_nsec - start.tv_nsec) / 1e3) / count);
	return 0;
}

#!/bin/sh
# First process of the guest, in its initial file system. It puts the host's root file system (read-only, over 9p) under a
# layer in memory, so that the guest sees the host's programs and may write anywhere without the host noticing, and hands
# over to the session that the host prepared.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module"; done </modules/order

share() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=500000,$3" "$1" "$2"; }

share host /host ro,cache=loose
mount -t tmpfs -o size=75% tmpfs /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /guest

mount -t proc proc /guest/proc
mount -t sysfs sysfs /guest/sys
mount -t cgroup2 cgroup2 /guest/sys/fs/cgroup
mount -t devtmpfs devtmpfs /guest/dev
mkdir -p /guest/dev/pts /guest/dev/shm
# What udev would add.
ln -s /proc/self/fd /guest/dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%%:*}" "/guest/dev/${stream##*:}"; done
mount -t devpts devpts /guest/dev/pts
mount -t tmpfs tmpfs /guest/dev/shm
# The host's namespaces, locks and sockets are not the guest's.
mount -t tmpfs tmpfs /guest/run
mkdir -p /guest/run/netns /guest/run/session "/guest/lib/modules/$(uname -r)"
share modules "/guest/lib/modules/$(uname -r)" ro,cache=loose
share session /guest/run/session cache=none

# The serial line would put a carriage return before every line feed.
stty -F /dev/console -opost
exec switch_root /guest /bin/sh /run/session/start

/*
 * Sends numbered UDP frames on an interface at a given rate, for the capture bench:
 *   packet-flood INTERFACE COUNT PACKETS_PER_SECOND FRAME_BYTES
 * A rate of 0 means as fast as it goes. Prints the packets sent and the seconds that it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define LONGEST 1514

static unsigned char frames[BATCH][LONGEST];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void lay_out(unsigned char *frame, int length) {
  static const unsigned char head[] = {
      0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0,
      192, 0, 2, 1, 192, 0, 2, 2, 0x13, 0x88, 0x13, 0x89, 0, 0, 0, 0};
  memset(frame, 0, length);
  memcpy(frame, head, sizeof head);
  *(unsigned short *)(frame + 16) = htons(length - 14);
  *(unsigned short *)(frame + 38) = htons(length - 34);
}

int main(int count, char **words) {
  if (count != 5) return 2;
  long total = atol(words[2]), sent = 0;
  double rate = atof(words[3]);
  int length = atoi(words[4]);
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(words[1])};
  if (fd < 0 || length < 60 || length > LONGEST || bind(fd, (struct sockaddr *)&to, sizeof to) < 0) return 1;
  int one = 1;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  for (int i = 0; i < BATCH; i++) {
    lay_out(frames[i], length);
    vectors[i] = (struct iovec){frames[i], length};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  double begin = now();
  while (sent < total) {
    if (rate > 0)
      while (now() - begin < sent / rate)
        ;
    int batch = total - sent < BATCH ? total - sent : BATCH;
    for (int i = 0; i < batch; i++) *(unsigned *)(frames[i] + 42) = htonl(sent + i);
    int done = sendmmsg(fd, messages, batch, 0);
    if (done <= 0) return 1;
    sent += done;
  }
  printf("%ld %.6f\n", sent, now() - begin);
  return 0;
}

/*
 * Asks 127.0.0.11 for the addresses of c0 … c15 with a fixed number of queries outstanding, and prints answers a second and the
 * 50th, 99th and 99.9th percentile of the time to an answer in microseconds, and how many answers held no address.
 *
 *   dns-load NETNS-PATH SECONDS OUTSTANDING
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MOST 1024
#define NAMES 16
#define SAMPLES (1 << 24)

static unsigned char queries[MOST][64], answers[MOST][1024];
static struct mmsghdr out[MOST], in[MOST];
static struct iovec out_vectors[MOST], in_vectors[MOST];
static double sent_at[MOST];
static float *samples;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static int write_query(unsigned char *query, int id) {
  char name[8];
  int length = snprintf(name, sizeof name, "c%d", id % NAMES);
  unsigned char header[12] = {id >> 8, id & 255, 1, 0, 0, 1};
  memcpy(query, header, 12);
  query[12] = length;
  memcpy(query + 13, name, length);
  memcpy(query + 13 + length, "\0\0\1\0\1", 5);
  return 18 + length;
}

static void put(int slot, int id, double time) {
  out_vectors[slot].iov_base = queries[id];
  out_vectors[slot].iov_len = write_query(queries[id], id);
  out[slot].msg_hdr.msg_iov = &out_vectors[slot];
  out[slot].msg_hdr.msg_iovlen = 1;
  sent_at[id] = time;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int namespace = open(argv[1], O_RDONLY);
  if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0) return perror("setns"), 1;
  double seconds = atof(argv[2]);
  int outstanding = atoi(argv[3]);
  if (outstanding < 1 || outstanding > MOST) return 2;
  samples = malloc(SAMPLES * sizeof *samples);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
  inet_pton(AF_INET, "127.0.0.11", &server.sin_addr);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) return perror("connect"), 1;
  struct timeval patience = {.tv_sec = 1};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  for (int i = 0; i < outstanding; i++) {
    in_vectors[i] = (struct iovec){answers[i], sizeof answers[i]};
    in[i].msg_hdr.msg_iov = &in_vectors[i];
    in[i].msg_hdr.msg_iovlen = 1;
    put(i, i, now());
  }
  double start = now(), end = start + seconds * 1e6, time = start;
  long answered = 0, empty = 0;
  for (int due = outstanding; time < end;) {
    for (int sent = 0; sent < due;) {
      int count = sendmmsg(fd, out + sent, due - sent, 0);
      if (count < 0) return perror("sendmmsg"), 1;
      sent += count;
    }
    due = recvmmsg(fd, in, outstanding, MSG_WAITFORONE, NULL);
    if (due < 0) return perror("recvmmsg"), 1;
    time = now();
    for (int i = 0; i < due; i++) {
      int id = answers[i][0] << 8 | answers[i][1];
      if (id >= outstanding) return fprintf(stderr, "an answer to no query\n"), 1;
      if (answered < SAMPLES) samples[answered] = time - sent_at[id];
      answered++;
      if (answers[i][7] == 0) empty++;
      put(i, id, time);
    }
  }
  long kept = answered < SAMPLES ? answered : SAMPLES;
  qsort(samples, kept, sizeof *samples, ascending);
  printf("%.0f %.0f %.0f %.0f %ld\n", answered / ((time - start) / 1e6), samples[kept / 2], samples[kept * 99 / 100],
         samples[kept * 999 / 1000], empty);
  return 0;
}

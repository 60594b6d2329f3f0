/* Round trips of 64 bytes over UDP: `serve ADDRESS` sends back what comes, `ask ADDRESS COUNT` prints the median in µs. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 5299
#define BYTES 64

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int serve(int fd) {
  char bytes[BYTES];
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &length);
    if (got > 0) sendto(fd, bytes, got, 0, (struct sockaddr *)&peer, length);
  }
}

static int ask(int fd, int count) {
  struct timeval patience = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  double *times = malloc(sizeof *times * count);
  char bytes[BYTES] = {0};
  for (int i = 0; i < count; i++) {
    const double start = now();
    if (send(fd, bytes, sizeof bytes, 0) < 0 || recv(fd, bytes, sizeof bytes, 0) < 0) {
      perror("round trip");
      return 1;
    }
    times[i] = now() - start;
  }
  qsort(times, count, sizeof *times, compare);
  printf("%f\n", times[count / 2]);
  return 0;
}

int main(int argc, char **argv) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  if (argc < 3 || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) return 2;
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int serving = strcmp(argv[1], "serve") == 0;
  if ((serving ? bind : connect)(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror(argv[1]);
    return 1;
  }
  return serving ? serve(fd) : ask(fd, argc > 3 ? atoi(argv[3]) : 10000);
}

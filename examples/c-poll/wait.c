// Waits for standard input, but not for ever: `poll` comes back when there is something to read or when the time is over. The
// program is suspended meanwhile. The first argument says how many milliseconds it waits at once, the second how often.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** What was read, 0 at the end of the input, -1 if nothing came in time. */
static int wait_for_input(int milliseconds, char *buffer, int size) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  int ready = poll(&input, 1, milliseconds);
  if (ready <= 0) return -1;
  return (int)read(0, buffer, (size_t)size);
}

int main(int argc, char **argv) {
  int milliseconds = argc > 1 ? atoi(argv[1]) : 1000;
  int patience = argc > 2 ? atoi(argv[2]) : 3;
  char buffer[100];
  while (patience > 0) {
    int length = wait_for_input(milliseconds, buffer, sizeof buffer);
    if (length == 0) {
      puts("end of input");
      return 0;
    }
    if (length < 0) {
      puts("nothing yet");
      patience--;
    } else {
      printf("%d bytes\n", length);
    }
    fflush(stdout);
  }
  puts("out of patience");
  return 1;
}

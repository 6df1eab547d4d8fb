// A command that imports from the reactor beside it, and sleeps in between as poll lets it.

#include <poll.h>
#include <stdio.h>

__attribute__((import_module("counter"), import_name("next"))) int next(void);

int main(void) {
  printf("first: %d\n", next());
  // Nothing to wait for but the time.
  int ready = poll(NULL, 0, 10);
  printf("ready: %d\n", ready);
  printf("second: %d\n", next());
  return next() == 43 ? 0 : 1;
}

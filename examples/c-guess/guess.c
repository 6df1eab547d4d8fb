// A game for a terminal: the program asks, waits for a line, and answers. Run it with "console": "integratedTerminal", or on a
// command line. The number to guess is the argument, or made of random numbers.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int number_to_guess(int argc, char **argv) {
  if (argc > 1) return atoi(argv[1]);
  unsigned char random;
  if (getentropy(&random, 1) != 0) return 7;
  return random % 10 + 1;
}

static const char *answer(int guess, int number) {
  if (guess < number) return "more";
  return guess > number ? "less" : "yes";
}

int main(int argc, char **argv) {
  int number = number_to_guess(argc, argv);
  char line[40];
  for (int tries = 1;; tries++) {
    printf("Your guess, from 1 to 10? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
      puts("\nYou give up.");
      return 1;
    }
    int guess = atoi(line);
    puts(answer(guess, number));
    if (guess == number) {
      printf("%d tries\n", tries);
      return 0;
    }
  }
}

// Greets who stands in the arguments or, without any, in the lines of standard input; keeps what it said in a file when it
// is given a directory /data.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int greeted;

static void greet(FILE *log, const char *name) {
  const char *greeting = getenv("GREETING");
  if (greeting == NULL) greeting = "Hello";
  printf("%s, %s!\n", greeting, name);
  if (log != NULL) fprintf(log, "%s\n", name);
  greeted++;
}

int main(int argc, char **argv) {
  FILE *log = fopen("/data/greeted.txt", "w");
  for (int i = 1; i < argc; i++) greet(log, argv[i]);
  if (argc == 1) {
    char line[80];
    while (fgets(line, sizeof line, stdin) != NULL) {
      line[strcspn(line, "\n")] = '\0';
      greet(log, line);
    }
  }
  if (log != NULL) fclose(log);
  if (greeted == 0) fprintf(stderr, "nobody to greet\n");
  return greeted == 0 ? 3 : 0;
}

/* The verifier on the build machine: `verify-on-host FWCLASS-HEX ROOT.der CAPSULE...` prints one verdict a line. */
#include <stdio.h>
#include <stdlib.h>
#include "verify.h"

static struct bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(2);
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *at = malloc(size + 1);
  if (at == NULL || fread(at, 1, size, file) != size) exit(2);
  fclose(file);
  return (struct bytes){at, size};
}

int main(int count, char **words) {
  static const char *const KINDS[] = {"genuine", "refused", "metadata-unreadable", "of-another-board"};
  uint8_t firmware_class[16];
  if (count < 4) return 2;
  for (int i = 0; i < 16; i++) {
    unsigned byte;
    if (sscanf(words[1] + 2 * i, "%2x", &byte) != 1) return 2;
    firmware_class[i] = (uint8_t)byte;
  }
  struct bytes root = read_file(words[2]);
  for (int i = 3; i < count; i++) {
    struct verdict verdict = judge_capsule(read_file(words[i]), firmware_class, root);
    int told = verdict.kind == GENUINE || verdict.kind == REFUSED;
    printf("%s %u %u %u\n", KINDS[verdict.kind], verdict.status, told ? verdict.version : 0,
           verdict.kind == GENUINE ? verdict.lowest_supported : 0);
  }
  return 0;
}

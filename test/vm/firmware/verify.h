/* Judges a capsule as a board's firmware does: nothing here knows of UEFI, so that the same code runs on the build machine. */
#ifndef VERIFY_H
#define VERIFY_H
#include <stddef.h>
#include <stdint.h>

/* LAST_ATTEMPT_STATUS [UEFI-23.4]. */
enum attempt_status {
  ATTEMPT_SUCCESS = 0,
  ATTEMPT_UNSUCCESSFUL = 1,
  ATTEMPT_INSUFFICIENT_RESOURCES = 2,
  ATTEMPT_INCORRECT_VERSION = 3,
  ATTEMPT_INVALID_FORMAT = 4,
  ATTEMPT_AUTH_ERROR = 5,
  ATTEMPT_POWER_AC = 6,
  ATTEMPT_POWER_BATTERY = 7,
  ATTEMPT_UNSATISFIED_DEPENDENCIES = 8
};

enum verdict_kind { GENUINE, REFUSED, METADATA_UNREADABLE, OTHER_BOARD };

struct verdict {
  enum verdict_kind kind;
  uint32_t status;  /* of a refusal */
  uint32_t version; /* 0 where it could not be read */
  uint32_t lowest_supported;
  const char *detail;
};

struct bytes {
  const uint8_t *at;
  size_t size;
};

/* `root` is the DER certificate that the board was built with. */
struct verdict judge_capsule(struct bytes capsule, const uint8_t firmware_class[16], struct bytes root);

#define SHA256_SIZE 32
struct sha256 {
  uint32_t state[8];
  uint64_t count;
  uint8_t block[64];
};
void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, struct bytes data);
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);

/* RSASSA-PKCS1-v1_5 with SHA-256 [RFC 8017]; both numbers big-endian. */
int rsa_verify(struct bytes modulus, struct bytes exponent, struct bytes signature, const uint8_t digest[SHA256_SIZE]);

/* A detached PKCS#7 SignedData over what was hashed, with a chain that ends at `root` [RFC 5652]. */
int pkcs7_verify(struct bytes signed_data, const uint8_t digest[SHA256_SIZE], struct bytes root);

static inline int same_bytes(const uint8_t *a, const uint8_t *b, size_t size) {
  uint8_t difference = 0;
  while (size-- > 0) difference |= *a++ ^ *b++;
  return difference == 0;
}
#endif

/* RSA signatures, for verification only: nothing here is secret, so nothing is constant-time. */
#include "verify.h"

#define MOST_LIMBS 128 /* 4096 bits */

struct number {
  uint32_t limb[MOST_LIMBS]; /* least significant first */
};

static int read_number(struct number *number, struct bytes from, unsigned limbs) {
  while (from.size > 0 && *from.at == 0) from.at++, from.size--;
  if (from.size > limbs * 4) return 0;
  for (unsigned i = 0; i < limbs; i++) number->limb[i] = 0;
  for (size_t i = 0; i < from.size; i++)
    number->limb[i / 4] |= (uint32_t)from.at[from.size - 1 - i] << (8 * (i % 4));
  return 1;
}

static int at_least(const struct number *a, const struct number *b, unsigned limbs) {
  for (unsigned i = limbs; i-- > 0;)
    if (a->limb[i] != b->limb[i]) return a->limb[i] > b->limb[i];
  return 1;
}

static void subtract(struct number *a, const struct number *b, unsigned limbs) {
  uint64_t borrow = 0;
  for (unsigned i = 0; i < limbs; i++) {
    uint64_t difference = (uint64_t)a->limb[i] - b->limb[i] - borrow;
    a->limb[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
}

/* a := 2a mod n, for a < n. */
static void double_modulo(struct number *a, const struct number *n, unsigned limbs) {
  uint32_t carry = 0;
  for (unsigned i = 0; i < limbs; i++) {
    uint32_t next = a->limb[i] >> 31;
    a->limb[i] = a->limb[i] << 1 | carry;
    carry = next;
  }
  if (carry != 0 || at_least(a, n, limbs)) subtract(a, n, limbs);
}

/* Montgomery's product: out := a b / 2^(32 limbs) mod n. */
static void multiply(struct number *out, const struct number *a, const struct number *b, const struct number *n,
                     unsigned limbs, uint32_t inverse) {
  uint32_t t[MOST_LIMBS + 2] = {0};
  for (unsigned i = 0; i < limbs; i++) {
    uint64_t carry = 0;
    for (unsigned j = 0; j < limbs; j++) {
      carry += (uint64_t)a->limb[i] * b->limb[j] + t[j];
      t[j] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[limbs];
    t[limbs] = (uint32_t)carry;
    t[limbs + 1] = (uint32_t)(carry >> 32);
    uint32_t factor = t[0] * inverse;
    carry = ((uint64_t)factor * n->limb[0] + t[0]) >> 32;
    for (unsigned j = 1; j < limbs; j++) {
      carry += (uint64_t)factor * n->limb[j] + t[j];
      t[j - 1] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[limbs];
    t[limbs - 1] = (uint32_t)carry;
    t[limbs] = t[limbs + 1] + (uint32_t)(carry >> 32);
  }
  for (unsigned i = 0; i < limbs; i++) out->limb[i] = t[i];
  if (t[limbs] != 0 || at_least(out, n, limbs)) subtract(out, n, limbs);
}

/* base^exponent mod n, into base. */
static void power(struct number *base, uint32_t exponent, const struct number *n, unsigned limbs) {
  static struct number factor, result, one; /* firmware stacks are small */
  uint32_t inverse = 1;
  for (int i = 0; i < 5; i++) inverse *= 2 - n->limb[0] * inverse;
  inverse = 0 - inverse;
  for (unsigned i = 0; i < limbs; i++) one.limb[i] = result.limb[i] = i == 0;
  factor = *base;
  for (unsigned i = 0; i < 32 * limbs; i++) {
    double_modulo(&factor, n, limbs);
    double_modulo(&result, n, limbs);
  }
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) multiply(&result, &result, &factor, n, limbs, inverse);
    multiply(&factor, &factor, &factor, n, limbs, inverse);
  }
  multiply(base, &result, &one, n, limbs, inverse);
}

int rsa_verify(struct bytes modulus, struct bytes exponent, struct bytes signature, const uint8_t digest[SHA256_SIZE]) {
  static const uint8_t DIGEST_INFO[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  static struct number n, s;
  while (modulus.size > 0 && *modulus.at == 0) modulus.at++, modulus.size--;
  unsigned limbs = (unsigned)(modulus.size / 4);
  if (modulus.size % 4 != 0 || limbs < 32 || limbs > MOST_LIMBS || (modulus.at[modulus.size - 1] & 1) == 0) return 0;
  if (exponent.size == 0 || exponent.size > 4 || signature.size != modulus.size) return 0;
  uint32_t e = 0;
  for (size_t i = 0; i < exponent.size; i++) e = e << 8 | exponent.at[i];
  if (!read_number(&n, modulus, limbs) || !read_number(&s, signature, limbs) || at_least(&s, &n, limbs)) return 0;
  power(&s, e, &n, limbs);
  size_t size = limbs * 4, tail = sizeof DIGEST_INFO + SHA256_SIZE;
  for (size_t i = 0; i < size; i++) {
    size_t at = size - 1 - i;
    uint8_t actual = (uint8_t)(s.limb[at / 4] >> (8 * (at % 4))), expected = 0xff;
    if (i == 0 || i == size - tail - 1) expected = 0;
    else if (i == 1) expected = 1;
    else if (i >= size - SHA256_SIZE) expected = digest[i - (size - SHA256_SIZE)];
    else if (i >= size - tail) expected = DIGEST_INFO[i - (size - tail)];
    if (actual != expected) return 0;
  }
  return 1;
}

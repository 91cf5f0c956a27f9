/* PKCS#7 SignedData as capsules carry it, and the certificates in it [RFC 5652, RFC 5280]. RSA and SHA-256 only, as Qualcomm's
 * signing tools make them. Validity times are not looked at: firmware has no clock to trust. */
#include "verify.h"

#define MOST_CERTIFICATES 8
enum tag { INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, BITS = 0x03, SEQUENCE = 0x30, SET = 0x31, CONTEXT_0 = 0xa0 };

static const uint8_t SIGNED_DATA[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
static const uint8_t MESSAGE_DIGEST[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};

/* Takes the next element off `from`: its content, and in `whole` its header too. 0 where it is malformed or of another tag. */
static int take(struct bytes *from, int tag, struct bytes *content, struct bytes *whole) {
  if (from->size < 2 || (tag >= 0 && from->at[0] != tag)) return 0;
  size_t size = from->at[1], header = 2;
  if (size & 0x80) {
    size_t digits = size & 0x7f;
    if (digits == 0 || digits > 3 || from->size < 2 + digits) return 0;
    for (size = 0; header < 2 + digits; header++) size = size << 8 | from->at[header];
  }
  if (size > from->size - header) return 0;
  if (content != NULL) *content = (struct bytes){from->at + header, size};
  if (whole != NULL) *whole = (struct bytes){from->at, header + size};
  from->at += header + size;
  from->size -= header + size;
  return 1;
}

static int equal(struct bytes a, struct bytes b) { return a.size == b.size && same_bytes(a.at, b.at, a.size); }
static int is(struct bytes a, const uint8_t *b, size_t size) { return a.size == size && same_bytes(a.at, b, size); }

struct certificate {
  struct bytes signed_part, signature, serial, issuer, subject, modulus, exponent;
};

static int read_key(struct bytes info, struct certificate *certificate) {
  struct bytes bits, key;
  if (!take(&info, SEQUENCE, NULL, NULL) || !take(&info, BITS, &bits, NULL)) return 0;
  if (bits.size < 1 || bits.at[0] != 0) return 0;
  bits.at++, bits.size--;
  return take(&bits, SEQUENCE, &key, NULL) && take(&key, INTEGER, &certificate->modulus, NULL) &&
         take(&key, INTEGER, &certificate->exponent, NULL);
}

static int read_certificate(struct bytes der, struct certificate *certificate) {
  struct bytes outer, inner, info;
  if (!take(&der, SEQUENCE, &outer, NULL) || !take(&outer, SEQUENCE, &inner, &certificate->signed_part)) return 0;
  if (!take(&outer, SEQUENCE, NULL, NULL) || !take(&outer, BITS, &certificate->signature, NULL)) return 0;
  if (certificate->signature.size < 1) return 0;
  certificate->signature.at++, certificate->signature.size--;
  if (inner.size > 0 && inner.at[0] == CONTEXT_0) take(&inner, CONTEXT_0, NULL, NULL);
  return take(&inner, INTEGER, &certificate->serial, NULL) && take(&inner, SEQUENCE, NULL, NULL) &&
         take(&inner, SEQUENCE, NULL, &certificate->issuer) && take(&inner, SEQUENCE, NULL, NULL) &&
         take(&inner, SEQUENCE, NULL, &certificate->subject) && take(&inner, SEQUENCE, &info, NULL) &&
         read_key(info, certificate);
}

static int signed_by(const struct certificate *certificate, const struct certificate *issuer) {
  struct sha256 hash;
  uint8_t digest[SHA256_SIZE];
  sha256_start(&hash);
  sha256_add(&hash, certificate->signed_part);
  sha256_end(&hash, digest);
  return equal(certificate->issuer, issuer->subject) &&
         rsa_verify(issuer->modulus, issuer->exponent, certificate->signature, digest);
}

/* A chain from `leaf` over the certificates at hand to the root; each is used once at most. */
static int chain_holds(const struct certificate *leaf, const struct certificate *others, int count,
                       const struct certificate *root) {
  for (int step = 0; step <= count; step++) {
    if (equal(leaf->signed_part, root->signed_part) || signed_by(leaf, root)) return 1;
    const struct certificate *issuer = NULL;
    for (int i = 0; i < count && issuer == NULL; i++)
      if (&others[i] != leaf && !equal(others[i].subject, leaf->subject) && signed_by(leaf, &others[i])) issuer = &others[i];
    if (issuer == NULL) return 0;
    leaf = issuer;
  }
  return 0;
}

static int digest_attribute(struct bytes attributes, struct bytes *digest) {
  struct bytes attribute, type, values;
  while (take(&attributes, SEQUENCE, &attribute, NULL)) {
    if (!take(&attribute, OID, &type, NULL) || !take(&attribute, SET, &values, NULL)) return 0;
    if (is(type, MESSAGE_DIGEST, sizeof MESSAGE_DIGEST)) return take(&values, OCTETS, digest, NULL);
  }
  return 0;
}

/* The signature is over the attributes as a SET, whatever tag they stand under. */
static void hash_attributes(struct bytes whole, uint8_t digest[SHA256_SIZE]) {
  struct sha256 hash;
  uint8_t set = SET;
  sha256_start(&hash);
  sha256_add(&hash, (struct bytes){&set, 1});
  sha256_add(&hash, (struct bytes){whole.at + 1, whole.size - 1});
  sha256_end(&hash, digest);
}

static int signer_holds(struct bytes info, const struct certificate *certificates, int count,
                        const uint8_t digest[SHA256_SIZE], const struct certificate *root) {
  struct bytes name, issuer, serial, attributes, whole, told, signature;
  uint8_t signed_digest[SHA256_SIZE];
  if (!take(&info, INTEGER, NULL, NULL) || !take(&info, SEQUENCE, &name, NULL)) return 0;
  if (!take(&name, SEQUENCE, NULL, &issuer) || !take(&name, INTEGER, &serial, NULL)) return 0;
  if (!take(&info, SEQUENCE, NULL, NULL) || !take(&info, CONTEXT_0, &attributes, &whole)) return 0;
  if (!take(&info, SEQUENCE, NULL, NULL) || !take(&info, OCTETS, &signature, NULL)) return 0;
  if (!digest_attribute(attributes, &told) || !is(told, digest, SHA256_SIZE)) return 0;
  hash_attributes(whole, signed_digest);
  for (int i = 0; i < count; i++) {
    const struct certificate *leaf = &certificates[i];
    if (!equal(leaf->issuer, issuer) || !equal(leaf->serial, serial)) continue;
    return rsa_verify(leaf->modulus, leaf->exponent, signature, signed_digest) && chain_holds(leaf, certificates, count, root);
  }
  return 0;
}

int pkcs7_verify(struct bytes der, const uint8_t digest[SHA256_SIZE], struct bytes root_der) {
  static struct certificate certificates[MOST_CERTIFICATES];
  struct certificate root;
  struct bytes outer, type, wrapped, data, set, one, signers;
  int count = 0;
  if (!read_certificate(root_der, &root) || !take(&der, SEQUENCE, &outer, NULL)) return 0;
  if (!take(&outer, OID, &type, NULL) || !is(type, SIGNED_DATA, sizeof SIGNED_DATA)) return 0;
  if (!take(&outer, CONTEXT_0, &wrapped, NULL) || !take(&wrapped, SEQUENCE, &data, NULL)) return 0;
  if (!take(&data, INTEGER, NULL, NULL) || !take(&data, SET, NULL, NULL) || !take(&data, SEQUENCE, NULL, NULL)) return 0;
  if (!take(&data, CONTEXT_0, &set, NULL)) return 0;
  while (count < MOST_CERTIFICATES && take(&set, SEQUENCE, NULL, &one))
    if (read_certificate(one, &certificates[count])) count++;
  if (!take(&data, SET, &signers, NULL) || !take(&signers, SEQUENCE, &one, NULL) || signers.size != 0) return 0;
  return signer_holds(one, certificates, count, digest, &root);
}

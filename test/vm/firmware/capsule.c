/* A capsule from the outside in: envelope, FMP header, image, signature, payload header, firmware volume [UEFI-23]. */
#include "verify.h"

static const uint8_t FMP_CAPSULE[16] = {0xed, 0xd5, 0xcb, 0x6d, 0x2d, 0xe8, 0x44, 0x4c,
                                        0xbd, 0xa1, 0x71, 0x94, 0x19, 0x9a, 0xd9, 0x2a};
static const uint8_t PKCS7_TYPE[16] = {0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49,
                                       0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7};
static const uint8_t METADATA_FILE[16] = {0x65, 0x0e, 0x34, 0xc7, 0x5d, 0x0d, 0xd6, 0x43,
                                          0xab, 0xb7, 0x39, 0x75, 0x1d, 0x5e, 0xc8, 0xe7};
enum { PAYLOAD_MAGIC = 0x3153534d, VOLUME_MAGIC = 0x4856465f, METADATA_MAGIC_1 = 0x2e1946fb, METADATA_MAGIC_2 = 0x7f744d57 };

static uint16_t u16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }
static uint32_t u32(const uint8_t *at) { return u16(at) | (uint32_t)u16(at + 2) << 16; }
static uint64_t u64(const uint8_t *at) { return u32(at) | (uint64_t)u32(at + 4) << 32; }
static struct bytes after(struct bytes all, size_t offset) { return (struct bytes){all.at + offset, all.size - offset}; }

static struct verdict refused(uint32_t status, uint32_t version, const char *detail) {
  return (struct verdict){.kind = REFUSED, .status = status, .version = version, .detail = detail};
}

/* The payload's own header, behind an optional dependency expression that ends with 0x0D. */
static int payload_header(struct bytes payload, struct verdict *head, struct bytes *body, size_t *dependency) {
  *dependency = 0;
  if (payload.size < 16) return 0;
  if (u32(payload.at) != PAYLOAD_MAGIC) {
    size_t at = 0;
    while (at + 17 <= payload.size && !(payload.at[at] == 0x0d && u32(payload.at + at + 1) == PAYLOAD_MAGIC)) at++;
    if (at + 17 > payload.size) return 0;
    *dependency = at + 1;
    payload = after(payload, at + 1);
  }
  size_t size = u32(payload.at + 4);
  if (size < 16 || size > payload.size) return 0;
  head->version = u32(payload.at + 8);
  head->lowest_supported = u32(payload.at + 12);
  *body = after(payload, size);
  return 1;
}

static int sums_to_zero(const uint8_t *at, size_t words) {
  uint16_t sum = 0;
  for (size_t i = 0; i < words; i++) sum = (uint16_t)(sum + u16(at + 2 * i));
  return sum == 0;
}

/* The metadata file of the volume, or nothing. */
static struct bytes find_metadata(struct bytes volume) {
  struct bytes none = {NULL, 0};
  if (volume.size < 0x48 || u32(volume.at + 0x28) != VOLUME_MAGIC) return none;
  size_t header = u16(volume.at + 0x30), length = (size_t)u64(volume.at + 0x20);
  if (header < 0x48 || header % 2 != 0 || header > volume.size || length > volume.size) return none;
  if (!sums_to_zero(volume.at, header / 2)) return none;
  for (size_t at = header; at + 24 <= length;) {
    const uint8_t *file = volume.at + at;
    size_t size = file[0x14] | file[0x15] << 8 | (size_t)file[0x16] << 16, start = 24;
    if (file[0x13] & 1) {
      if (at + 32 > length) return none;
      size = (size_t)u64(file + 0x18);
      start = 32;
    }
    if (size < start || size > length - at) return none;
    if (same_bytes(file, METADATA_FILE, 16)) return (struct bytes){file + start, size - start};
    at = (at + size + 7) & ~(size_t)7;
  }
  return none;
}

static int metadata_agrees(struct bytes metadata, const struct verdict *head) {
  return metadata.size >= 40 && u32(metadata.at) == METADATA_MAGIC_1 && u32(metadata.at + 4) == METADATA_MAGIC_2 &&
         u32(metadata.at + 16) == head->version && u32(metadata.at + 20) == head->lowest_supported;
}

/* What was signed: everything behind the signature, then the monotonic count. */
static void hash_signed(struct bytes payload, const uint8_t *count, uint8_t digest[SHA256_SIZE]) {
  struct sha256 hash;
  sha256_start(&hash);
  sha256_add(&hash, payload);
  sha256_add(&hash, (struct bytes){count, 8});
  sha256_end(&hash, digest);
}

static struct verdict judge_image(struct bytes image, struct bytes root) {
  struct verdict head = {.kind = GENUINE};
  struct bytes body, unsigned_body;
  size_t dependency;
  uint8_t digest[SHA256_SIZE];
  if (image.size < 32 || u16(image.at + 12) != 0x0200 || u16(image.at + 14) != 0x0ef1 ||
      !same_bytes(image.at + 16, PKCS7_TYPE, 16)) {
    payload_header(image, &head, &unsigned_body, &dependency);
    return refused(ATTEMPT_AUTH_ERROR, head.version, "not signed");
  }
  size_t signature = u32(image.at + 8);
  if (signature < 24 || signature + 8 > image.size) return refused(ATTEMPT_AUTH_ERROR, 0, "signature out of bounds");
  struct bytes payload = after(image, 8 + signature);
  int readable = payload_header(payload, &head, &body, &dependency);
  hash_signed(payload, image.at, digest);
  if (!pkcs7_verify((struct bytes){image.at + 32, signature - 24}, digest, root))
    return refused(ATTEMPT_AUTH_ERROR, head.version, "the signature does not hold");
  if (!readable) return refused(ATTEMPT_INVALID_FORMAT, 0, "no payload header");
  if (dependency > 0) return refused(ATTEMPT_UNSATISFIED_DEPENDENCIES, head.version, "dependencies are not evaluated here");
  if (!metadata_agrees(find_metadata(body), &head)) {
    head.kind = METADATA_UNREADABLE;
    head.detail = "no metadata that agrees with the header";
  }
  return head;
}

struct verdict judge_capsule(struct bytes capsule, const uint8_t firmware_class[16], struct bytes root) {
  if (capsule.size < 32 || !same_bytes(capsule.at, FMP_CAPSULE, 16)) return refused(ATTEMPT_INVALID_FORMAT, 0, "no FMP capsule");
  size_t outer = u32(capsule.at + 16);
  if (u32(capsule.at + 24) != capsule.size || outer < 28 || outer > capsule.size - 16)
    return refused(ATTEMPT_INVALID_FORMAT, 0, "sizes do not agree");
  struct bytes fmp = after(capsule, outer);
  size_t drivers = u16(fmp.at + 4), payloads = u16(fmp.at + 6);
  if (u32(fmp.at) != 1 || drivers != 0 || payloads == 0 || fmp.size < 8 + 8 * payloads)
    return refused(ATTEMPT_INVALID_FORMAT, 0, "FMP header");
  struct verdict other = {.kind = OTHER_BOARD, .detail = "for another firmware class"};
  for (size_t i = 0; i < payloads; i++) {
    uint64_t offset = u64(fmp.at + 8 + 8 * i);
    if (offset > fmp.size || fmp.size - offset < 48) return refused(ATTEMPT_INVALID_FORMAT, 0, "item out of bounds");
    struct bytes item = after(fmp, (size_t)offset);
    uint32_t version = u32(item.at), size = u32(item.at + 0x18);
    size_t header = version == 3 ? 48 : version == 2 ? 40 : 32;
    if (version < 1 || version > 3 || size > item.size - header) return refused(ATTEMPT_INVALID_FORMAT, 0, "image header");
    if (same_bytes(item.at + 4, firmware_class, 16)) return judge_image((struct bytes){item.at + header, size}, root);
  }
  return other;
}

/* Lets a stock libostree keep its boot entries on a FAT file system, in the shape that Qualcomm's patched libostree uses: a
 * real directory /boot/loader, whose file ostree_bootversion says which of loader.0 and loader.1 it stands for.
 *
 * Preloaded into the ostree command. To libostree, boot/loader looks like the symbolic link that it expects; where libostree
 * replaces that link, the new directory and the old one change places in one renameat2(2).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <syslog.h>
#include <unistd.h>

#define LOADER "/boot/loader"
#define MSDOS_MAGIC 0x4d44
#define EXT4_MAGIC 0xef53
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What libostree has asked the link to point to, until it renames it into place. */
static int wanted = -1;

/* 0 or 1, or -1 where /boot/loader is not such a directory. */
static int current(void) {
  struct stat status;
  if (lstat(LOADER, &status) != 0 || !S_ISDIR(status.st_mode)) return -1;
  int version = 0;
  FILE *file = fopen(LOADER "/ostree_bootversion", "re");
  if (file != NULL) {
    if (fscanf(file, "loader.%d", &version) != 1) version = 0;
    fclose(file);
  }
  return version;
}

/* "loader.N/..." of the version that is in place is "loader/..."; with or without "boot/" before it. */
static const char *real_path(const char *path, char *buffer, size_t size) {
  if (path == NULL) return path;
  int in_boot = strncmp(path, "boot/", 5) == 0;
  const char *rest = in_boot ? path + 5 : path;
  if (strncmp(rest, "loader.", 7) != 0 || (rest[7] != '0' && rest[7] != '1')) return path;
  if (rest[8] != '\0' && rest[8] != '/') return path;
  if (current() != rest[7] - '0') return path;
  snprintf(buffer, size, "%sloader%s", in_boot ? "boot/" : "", rest + 8);
  return buffer;
}

static int is_link(const char *path) { return path != NULL && strcmp(path, "boot/loader") == 0; }

static int copy_file(const char *from, const char *to) {
  char bytes[4096];
  size_t count;
  FILE *source = fopen(from, "re");
  if (source == NULL) return 0;
  FILE *target = fopen(to, "we");
  if (target == NULL) {
    fclose(source);
    return -1;
  }
  while ((count = fread(bytes, 1, sizeof bytes, source)) > 0) fwrite(bytes, 1, count, target);
  fclose(source);
  fflush(target);
  fsync(fileno(target));
  return fclose(target);
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *place) {
  (void)status, (void)flag, (void)place;
  return remove(path);
}

/* Time for a test to cut the power here, where it asks for that. */
static void pause_where_asked(const char *place) {
  if (access("/run/test-board-pause", F_OK) != 0) return;
  syslog(LOG_NOTICE, "TEST-BOARD pauses %s the loader swap", place);
  sleep(5);
}

/* The new directory takes the name of the old version, and then both change places. */
static int swap_directories(void) {
  static const char *const KEPT[] = {"loader.conf", "random-seed", "entries.srel"};
  char fresh[64], old[64], from[128], to[128];
  snprintf(fresh, sizeof fresh, LOADER ".%d", wanted);
  snprintf(old, sizeof old, LOADER ".%d", current());
  for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
    snprintf(from, sizeof from, LOADER "/%s", KEPT[i]);
    snprintf(to, sizeof to, "%s/%s", fresh, KEPT[i]);
    if (copy_file(from, to) != 0) return -1;
  }
  snprintf(to, sizeof to, "%s/ostree_bootversion", fresh);
  FILE *version = fopen(to, "we");
  if (version == NULL) return -1;
  fprintf(version, "loader.%d", wanted);
  fflush(version);
  fsync(fileno(version));
  fclose(version);
  nftw(old, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  if (rename(fresh, old) != 0) return -1;
  sync();
  pause_where_asked("before");
  if (renameat2(AT_FDCWD, old, AT_FDCWD, LOADER, RENAME_EXCHANGE) != 0) return -1;
  pause_where_asked("after");
  sync();
  wanted = -1;
  return 0;
}

#define OPEN_WITH_MODE(name)                                          \
  int name(int directory, const char *path, int flags, ...) {         \
    static int (*next)(int, const char *, int, ...);                  \
    char buffer[4096];                                                \
    mode_t mode = 0;                                                  \
    if (next == NULL) next = dlsym(RTLD_NEXT, #name);                 \
    if (flags & (O_CREAT | __O_TMPFILE)) {                            \
      va_list rest;                                                   \
      va_start(rest, flags);                                          \
      mode = va_arg(rest, mode_t);                                    \
      va_end(rest);                                                   \
    }                                                                 \
    return next(directory, real_path(path, buffer, sizeof buffer), flags, mode); \
  }
OPEN_WITH_MODE(openat)
OPEN_WITH_MODE(openat64)

#define OPEN_CHECKED(name)                                            \
  int name(int directory, const char *path, int flags) {              \
    static int (*next)(int, const char *, int);                       \
    char buffer[4096];                                                \
    if (next == NULL) next = dlsym(RTLD_NEXT, #name);                 \
    return next(directory, real_path(path, buffer, sizeof buffer), flags); \
  }
OPEN_CHECKED(__openat_2)
OPEN_CHECKED(__openat64_2)

#define LOOK_AT(name, type)                                           \
  int name(int directory, const char *path, struct type *status, int flags) { \
    char buffer[4096];                                                \
    int answer = NEXT(name)(directory, real_path(path, buffer, sizeof buffer), status, flags); \
    if (answer == 0 && is_link(path) && (flags & AT_SYMLINK_NOFOLLOW) && S_ISDIR(status->st_mode)) \
      status->st_mode = S_IFLNK | 0777;                               \
    return answer;                                                    \
  }
LOOK_AT(fstatat, stat)
LOOK_AT(fstatat64, stat64)

/* libostree refuses a FAT /boot by its magic number. */
#define LOOK_AT_SYSTEM(name, type)                                    \
  int name(int file, struct type *status) {                           \
    int answer = NEXT(name)(file, status);                            \
    if (answer == 0 && status->f_type == MSDOS_MAGIC) status->f_type = EXT4_MAGIC; \
    return answer;                                                    \
  }
LOOK_AT_SYSTEM(fstatfs, statfs)
LOOK_AT_SYSTEM(fstatfs64, statfs64)

ssize_t readlinkat(int directory, const char *path, char *target, size_t size) {
  int version = is_link(path) ? current() : -1;
  if (version < 0) return NEXT(readlinkat)(directory, path, target, size);
  char text[16];
  size_t length = (size_t)snprintf(text, sizeof text, "loader.%d", version);
  if (length > size) length = size;
  memcpy(target, text, length);
  return (ssize_t)length;
}

ssize_t __readlinkat_chk(int directory, const char *path, char *target, size_t size, size_t room) {
  (void)room;
  return readlinkat(directory, path, target, size);
}

int unlinkat(int directory, const char *path, int flags) {
  char buffer[4096];
  return NEXT(unlinkat)(directory, real_path(path, buffer, sizeof buffer), flags);
}

int mkdirat(int directory, const char *path, mode_t mode) {
  char buffer[4096];
  return NEXT(mkdirat)(directory, real_path(path, buffer, sizeof buffer), mode);
}

int symlinkat(const char *target, int directory, const char *path) {
  if (current() >= 0) {
    if (strncmp(target, "loader.", 7) == 0) {
      wanted = target[7] - '0';
      return 0;
    }
    if (strcmp(target, ".") == 0 && strcmp(path, "boot/boot") == 0) {
      errno = EEXIST;
      return -1;
    }
  }
  return NEXT(symlinkat)(target, directory, path);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
  char from_buffer[4096], to_buffer[4096];
  if (wanted >= 0 && strcmp(to, "boot/loader.tmp") == 0) return 0;
  if (wanted >= 0 && strcmp(from, "loader.tmp") == 0 && strcmp(to, "loader") == 0) return swap_directories();
  return NEXT(renameat)(from_directory, real_path(from, from_buffer, sizeof from_buffer), to_directory,
                        real_path(to, to_buffer, sizeof to_buffer));
}

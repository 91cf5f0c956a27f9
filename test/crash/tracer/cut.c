// Runs a command and ends it, with everything that it started, at the n-th system call that changes or flushes a file
// below one directory: counted over all its processes and threads together, in the order in which they reach the kernel.
// strace can inject a signal too, but counts for each thread by itself, which names no moment of a whole transaction.
//
//   cut DIRECTORY LOG N whole|half COMMAND...      N = 0 only counts
//
// At the n-th call every process is killed before the call is carried out; with `half`, after the first half of a write.
// No counted call can overtake: each stops in the kernel until this process lets it go (seccomp(2), ptrace(2)).
//
// LOG gets one line for each call, its columns parted by tabs, and LOG.data the bytes that were written:
//   kind  call  inode  path  path2  offset  length  position in LOG.data  1 if it failed   (and `cut` as the last line)
// Of an open the column `offset` holds its flags; -2 there is the end of a file, wherever that is.
// Touches: LOG, LOG.data, /proc/PID/{fd,fdinfo,cwd}. Exits as the command does, or with 137 after a cut.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <elf.h>
#include <linux/ptrace.h>
#if defined(__x86_64__)
#include <sys/user.h>
#endif

// O_TMPFILE without the bit of O_DIRECTORY that is part of it.
#define UNNAMED_FILE 020000000

enum kind { WRITE, SYNC, RENAME, UNLINK, CREATE, LINK };
static const char *const KINDS[] = {"write", "sync", "rename", "unlink", "create", "link"};

// Where a call's arguments say what it acts on: a descriptor, a path, a path below a directory's descriptor; -1 is none.
struct call {
  long number;
  const char *name;
  enum kind kind;
  int fd;
  int dir, path;
  int dir2, path2;
  int flags; // of open: which argument
};

#define FD(call, kind, fd) {__NR_##call, #call, kind, fd, -1, -1, -1, -1, -1}
#define AT(call, kind, dir, path) {__NR_##call, #call, kind, -1, dir, path, -1, -1, -1}
#define AT2(call, kind, dir, path, dir2, path2) {__NR_##call, #call, kind, -1, dir, path, dir2, path2, -1}
static const struct call CALLS[] = {
    FD(write, WRITE, 0), FD(pwrite64, WRITE, 0), FD(writev, WRITE, 0), FD(pwritev, WRITE, 0),
    FD(ftruncate, WRITE, 0), FD(fallocate, WRITE, 0), FD(copy_file_range, WRITE, 2), FD(sendfile, WRITE, 0),
    FD(fsync, SYNC, 0), FD(fdatasync, SYNC, 0), FD(syncfs, SYNC, 0),
    AT2(renameat, RENAME, 0, 1, 2, 3), AT2(renameat2, RENAME, 0, 1, 2, 3),
    AT(unlinkat, UNLINK, 0, 1), AT(mkdirat, CREATE, 0, 1), AT2(linkat, LINK, 0, 1, 2, 3),
    AT(symlinkat, LINK, 1, 2),
    {__NR_openat, "openat", CREATE, -1, 0, 1, -1, -1, 2},
#ifdef __NR_open
    {__NR_open, "open", CREATE, -1, -1, 0, -1, -1, 1}, {__NR_creat, "creat", CREATE, -1, -1, 0, -1, -1, -1},
    AT2(rename, RENAME, -1, 0, -1, 1), AT(unlink, UNLINK, -1, 0), AT(rmdir, UNLINK, -1, 0), AT(mkdir, CREATE, -1, 0),
    AT2(link, LINK, -1, 0, -1, 1), AT(symlink, LINK, -1, 1),
#endif
};
#define CALL_COUNT (sizeof CALLS / sizeof *CALLS)

static char directory[4096];
static FILE *logfile, *datafile;
static long cut_at, counted;
static int half;

static void die(const char *what) {
  fprintf(stderr, "cut: %s: %s\n", what, strerror(errno));
  exit(125);
}

// Only the calls of the table stop; everything else runs at full speed.
static void filter_calls(void) {
  struct sock_filter code[CALL_COUNT * 2 + 2];
  size_t at = 0;
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < CALL_COUNT; i++) {
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[i].number, 0, 1);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {.len = at, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) die("seccomp");
}

static void link_of(char *out, const char *format, pid_t pid, long fd) {
  char name[64];
  snprintf(name, sizeof name, format, pid, fd);
  ssize_t length = readlink(name, out, 4095);
  out[length < 0 ? 0 : length] = 0;
}

static size_t read_memory(pid_t pid, uint64_t from, void *to, size_t length) {
  struct iovec local = {to, length}, remote = {(void *)from, length};
  ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  return got < 0 ? 0 : (size_t)got;
}

// Page by page: a path may end just before memory that is not there.
static void read_text(pid_t pid, uint64_t from, char *to) {
  size_t done = 0;
  while (done < 4095) {
    size_t piece = 4096 - ((from + done) & 4095);
    if (piece > 4095 - done) piece = 4095 - done;
    size_t got = read_memory(pid, from + done, to + done, piece);
    if (got == 0 || memchr(to + done, 0, got)) break;
    done += got;
  }
  to[4095] = 0;
}

// The directory by its true name; the last part stays what the call names.
static void without_links(char *path) {
  static char parent[4096], whole[8192];
  char *slash = strrchr(path, '/');
  if (slash == NULL || slash == path) return;
  char *last = strdup(slash + 1);
  *slash = 0;
  if (last == NULL || realpath(path, parent) == NULL) strcpy(parent, path);
  snprintf(whole, sizeof whole, "%s/%s", parent, last == NULL ? "" : last);
  free(last);
  whole[4095] = 0;
  memcpy(path, whole, 4096);
}

// Absolute.
static void path_of(char *out, pid_t pid, const uint64_t *args, int dir, int path) {
  static char relative[4096];
  memset(relative, 0, sizeof relative);
  read_text(pid, args[path], relative);
  if (relative[0] == '/') {
    memcpy(out, relative, 4096);
    return without_links(out);
  }
  if (dir < 0 || (int)args[dir] == AT_FDCWD) link_of(out, "/proc/%d/cwd", pid, 0);
  else link_of(out, "/proc/%d/fd/%ld", pid, (long)(int)args[dir]);
  size_t length = strlen(out);
  snprintf(out + length, 4096 - length, relative[0] ? "/%s" : "%s", relative);
  if (relative[0]) without_links(out);
}

static int is_below(const char *path) {
  size_t length = strlen(directory);
  return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == 0);
}

// Where the descriptor stands; -2 for one that always writes at the end.
static long long position_of(pid_t pid, long fd) {
  char name[64];
  long long at = 0;
  unsigned flags = 0;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%ld", pid, fd);
  FILE *file = fopen(name, "r");
  if (file == NULL) return 0;
  if (fscanf(file, "pos: %lld flags: %o", &at, &flags) != 2) at = 0;
  fclose(file);
  return flags & O_APPEND ? -2 : at;
}

static unsigned long inode_of(pid_t pid, long fd) {
  char name[64];
  struct stat status;
  snprintf(name, sizeof name, "/proc/%d/fd/%ld", pid, fd);
  return stat(name, &status) == 0 ? status.st_ino : 0;
}

static void keep_data(pid_t pid, uint64_t from, size_t length) {
  static char buffer[65536];
  for (size_t done = 0; done < length;) {
    size_t got = read_memory(pid, from + done, buffer, length - done < sizeof buffer ? length - done : sizeof buffer);
    if (got == 0) break;
    fwrite(buffer, 1, got, datafile);
    done += got;
  }
}

static const char *const ONE_BUFFER[] = {"write", "pwrite64"};

static long long write_data(pid_t pid, const struct call *call, const uint64_t *args, long long *offset, long long *at) {
  *at = ftell(datafile);
  *offset = strncmp(call->name, "pwrite", 6) == 0 ? (long long)args[3] : position_of(pid, (long)args[0]);
  for (size_t i = 0; i < 2; i++)
    if (strcmp(call->name, ONE_BUFFER[i]) == 0) keep_data(pid, args[1], args[2]);
  if (strcmp(call->name, "writev") == 0 || strcmp(call->name, "pwritev") == 0) {
    struct iovec part;
    for (uint64_t i = 0; i < args[2]; i++)
      if (read_memory(pid, args[1] + i * sizeof part, &part, sizeof part) == sizeof part)
        keep_data(pid, (uint64_t)part.iov_base, part.iov_len);
  }
  if (strcmp(call->name, "ftruncate") == 0) {
    *offset = (long long)args[1];
    return 0;
  }
  return ftell(datafile) - *at;
}

// True where the call concerns the directory; then it is counted and written down.
static int count(pid_t pid, const struct call *call, const uint64_t *args) {
  static char path[4096], path2[4096];
  path[0] = path2[0] = 0;
  long long offset = -1, at = -1, length = 0;
  unsigned long inode = 0;
  if (call->flags >= 0 && (args[call->flags] & (O_CREAT | O_TRUNC | UNNAMED_FILE)) == 0) return 0;
  if (call->fd >= 0) {
    link_of(path, "/proc/%d/fd/%ld", pid, (long)(int)args[call->fd]);
    inode = inode_of(pid, (long)(int)args[call->fd]);
  } else {
    path_of(path, pid, args, call->dir, call->path);
  }
  if (call->path2 >= 0) path_of(path2, pid, args, call->dir2, call->path2);
  if (!is_below(path) && !is_below(path2)) return 0;
  if (call->flags >= 0) offset = (long long)args[call->flags];
  if (call->kind == WRITE) length = write_data(pid, call, args, &offset, &at);
  counted++;
  fprintf(logfile, "%s\t%s\t%lu\t%s\t%s\t%lld\t%lld\t%lld", KINDS[call->kind], call->name, inode, path, path2, offset,
          length, at);
  return 1;
}

// The length, in the two calls that have one buffer.
static void halve_third_argument(pid_t pid) {
#if defined(__x86_64__)
  struct user_regs_struct registers;
  struct iovec io = {&registers, sizeof registers};
  ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io);
  registers.rdx /= 2;
  ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
#elif defined(__aarch64__)
  struct { uint64_t regs[31], sp, pc, pstate; } registers;
  struct iovec io = {&registers, sizeof registers};
  ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io);
  registers.regs[2] /= 2;
  ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
#endif
}

// PTRACE_O_EXITKILL: what this process traces does not outlive it.
static void cut(pid_t pid, const struct call *call) {
  if (half && (strcmp(call->name, "write") == 0 || strcmp(call->name, "pwrite64") == 0)) {
    halve_third_argument(pid);
    int status;
    if (ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0) waitpid(pid, &status, __WALL);
  }
  fprintf(logfile, "\t0\ncut\n");
  fclose(logfile);
  fclose(datafile);
  _exit(137);
}

// True where the call was counted.
static int at_call(pid_t pid) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_SECCOMP) return 0;
  for (size_t i = 0; i < CALL_COUNT; i++) {
    if (CALLS[i].number != (long)info.seccomp.nr) continue;
    uint64_t args[6];
    for (int a = 0; a < 6; a++) args[a] = info.seccomp.args[a];
    if (!count(pid, &CALLS[i], args)) return 0;
    if (counted == cut_at) cut(pid, &CALLS[i]);
    return 1;
  }
  return 0;
}

// Waits until the call is over: meanwhile no other is let go, so that what is written down has happened, in this order.
// `status` is the end of the process where it came to that. Returns true where the call failed.
static int finish(pid_t pid, int *status) {
  for (int signal = 0;;) {
    if (ptrace(PTRACE_SYSCALL, pid, 0, signal) || waitpid(pid, status, __WALL) < 0) return 1;
    if (!WIFSTOPPED(*status)) return 1;
    if (WSTOPSIG(*status) == (SIGTRAP | 0x80)) {
      struct __ptrace_syscall_info info;
      int known = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_EXIT;
      return !known || info.exit.is_error;
    }
    int is_ours = *status >> 16 != 0 || WSTOPSIG(*status) == SIGSTOP || WSTOPSIG(*status) == SIGTRAP;
    signal = is_ours ? 0 : WSTOPSIG(*status);
  }
}

static int trace(pid_t command) {
  int status, code = 125;
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (pid == command) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    int event = status >> 16, signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP && at_call(pid)) {
      fprintf(logfile, "\t%d\n", finish(pid, &status));
      if (!WIFSTOPPED(status) && pid == command) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      ptrace(PTRACE_CONT, pid, 0, 0);
      continue;
    }
    // A stop of a new thread, and the stops of ptrace itself, are no signals of the command's.
    int is_ours = event != 0 || signal == SIGSTOP || signal == SIGTRAP;
    ptrace(PTRACE_CONT, pid, 0, is_ours ? 0 : signal);
  }
  return code;
}

// What stops this process stops the command: systemd sends SIGTERM to the one that it started.
static pid_t command_pid;
static void pass_on(int signal) { kill(command_pid, signal); }

int main(int argc, char **argv) {
  if (argc < 6 || realpath(argv[1], directory) == NULL) die("usage: cut DIRECTORY LOG N whole|half COMMAND...");
  char data_name[4096];
  snprintf(data_name, sizeof data_name, "%s.data", argv[2]);
  logfile = fopen(argv[2], "ae");
  datafile = fopen(data_name, "ae");
  if (logfile == NULL || datafile == NULL) die(argv[2]);
  cut_at = strtol(argv[3], NULL, 10);
  half = strcmp(argv[4], "half") == 0;
  command_pid = fork();
  if (command_pid == 0) {
    raise(SIGSTOP);
    filter_calls();
    execvp(argv[5], argv + 5);
    die(argv[5]);
  }
  int status;
  waitpid(command_pid, &status, WUNTRACED);
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, command_pid, 0, options)) die("ptrace");
  signal(SIGTERM, pass_on);
  signal(SIGINT, pass_on);
  kill(command_pid, SIGCONT);
  int code = trace(command_pid);
  fclose(logfile);
  fclose(datafile);
  return code;
}

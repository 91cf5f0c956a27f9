// What a log of `strace -f -y` says: which calls were made, and which of them changed a file.

export interface SystemCall {
  readonly name: string;
  /** As strace writes them: descriptors with their path, `3</var/lib/x>`. */
  readonly args: string;
  /** The return value; undefined where the call had not returned when the log ends. */
  readonly result: number | undefined;
}

/** A call that was interrupted in the log by others is put together again. */
export function readSystemCalls(log: string): readonly SystemCall[] {
  const begun = new Map<string, { readonly name: string; readonly args: string }>();
  const calls: SystemCall[] = [];
  for (const [, pid = '', text = ''] of log.matchAll(/^(\d+) +(.*)$/gm)) {
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const [, name = '', rest = ''] = /^(\w+)\((.*)$/.exec(text) ?? [];
    const call = resumed === undefined ? { name, args: rest } : continued(begun.get(pid), resumed);
    if (call === undefined || call.name === '') continue;
    if (call.args.endsWith('<unfinished ...>')) begun.set(pid, { ...call, args: call.args.slice(0, -16) });
    else calls.push(finished(call));
  }
  return calls;
}

type Begun = Pick<SystemCall, 'name' | 'args'>;

const continued = (begun: Begun | undefined, rest: string): Begun | undefined =>
  begun === undefined ? undefined : { name: begun.name, args: begun.args + rest };

function finished({ name, args }: Begun): SystemCall {
  const [, before = args, value] = /^(.*)\) += (-?\d+|\?)/.exec(args) ?? [];
  return { name, args: before, result: value === undefined || value === '?' ? undefined : Number(value) };
}

/** The file that a call changed, or opened in order to change; undefined for calls that change none, and for failed ones. */
export function changedFile({ name, args, result }: SystemCall): string | undefined {
  if (result === undefined || result < 0) return undefined;
  if (BY_DESCRIPTOR.has(name)) return /^\d+<(\/[^>]*)>/.exec(args)?.[1];
  if (BY_PATH.has(name) || (OPENS.has(name) && OPENED_TO_WRITE.test(args))) return pathIn(args);
  return undefined;
}

const BY_DESCRIPTOR: ReadonlySet<string> = new Set([
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendfile', 'copy_file_range', 'splice', 'fallocate'],
  ...['ftruncate', 'fsync', 'fdatasync', 'sync_file_range', 'syncfs', 'fchmod', 'fchown', 'fsetxattr', 'fremovexattr'],
]);

const BY_PATH: ReadonlySet<string> = new Set([
  ...['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat', 'link', 'linkat'],
  ...['symlink', 'symlinkat', 'mknod', 'mknodat', 'truncate', 'chmod', 'fchmodat', 'chown', 'lchown', 'fchownat'],
  ...['utime', 'utimes', 'utimensat', 'futimesat', 'setxattr', 'lsetxattr', 'removexattr', 'lremovexattr', 'creat'],
]);

const OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2']);
const OPENED_TO_WRITE = /\bO_(?:WRONLY|RDWR|TRUNC)\b/;

/** The first path; one that is not absolute lies in the directory before it. */
function pathIn(args: string): string | undefined {
  const [, directory, path = ''] = /^(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"/.exec(args) ?? [];
  return path.startsWith('/') || directory === undefined ? path || undefined : `${directory}/${path}`;
}

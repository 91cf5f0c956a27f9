// Whether two ways to write down where a repository is mean the same one.

/** `host/path` in lower case, without user, scheme, port and `.git`; undefined for a path of some machine. */
export function repositoryName(text: string): string | undefined {
  const [, host, path] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?([^/:@\s]+)(?::\d+)?\/(\S+)$/i.exec(text) ??
    /^(?:[^/@\s:]+@)?([^/:@\s]{2,}):(?!\/\/)(\S+)$/.exec(text) ??
    [];
  if (host === undefined || path === undefined || host === 'file') return undefined;
  return `${host}/${path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')}`.toLowerCase();
}

/** Undefined where that can not be told: a path on one machine may be a clone of anything. */
export function sameRepository(a: string, b: string): boolean | undefined {
  const [one, other] = [repositoryName(a), repositoryName(b)];
  return one === undefined || other === undefined ? undefined : one === other;
}

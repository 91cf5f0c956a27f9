// The controller's forge, connected to a GitHub for tests as its app, or as a person.

import { type Forge, type GithubOptions, githubForge } from '@seatrial/controller/github';
import type { GitHub } from '../github.ts';

export function forgeOf(github: GitHub, options: Partial<GithubOptions> = {}): Forge {
  const { id, privateKey } = github.app;
  return githubForge({
    baseUrl: github.baseUrl,
    owner: github.repository.owner.login,
    name: github.repository.name,
    branch: github.repository.defaultBranch,
    credentials: { kind: 'app', appId: id, privateKey },
    timeoutMs: 5_000,
    writePauseMs: 0,
    ...options,
  });
}

export const asPerson = (github: GitHub, login: string): Partial<GithubOptions> => ({
  credentials: { kind: 'token', token: github.personalToken(login) },
});

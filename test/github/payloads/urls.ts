// The addresses by which GitHub names its things in answers.

import { Buffer } from 'node:buffer';
import type { PullRequest, Repository } from '../model/repository.ts';
import { fullName } from '../model/repository.ts';
import type { World } from '../model/world.ts';

export const apiUrl = ({ urls }: World, path: string): string => `${urls.api}${path}`;
export const pageUrl = ({ urls }: World, path: string): string => `${urls.html}/${path}`;

export const repositoryApi = (world: World, repository: Repository, path = ''): string =>
  apiUrl(world, `/repos/${fullName(repository)}${path}`);

export const repositoryPage = (world: World, repository: Repository, path = ''): string =>
  pageUrl(world, `${fullName(repository)}${path}`);

export const pullPage = (world: World, { repository, number }: PullRequest): string =>
  repositoryPage(world, repository, `/pull/${number}`);

/** Opaque to clients. */
export const nodeId = (kind: string, id: number | string): string => Buffer.from(`${kind}:${id}`).toString('base64url');

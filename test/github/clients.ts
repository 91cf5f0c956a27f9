// Octokit as the tests of the stand-in use it: without waiting, and without asking again by itself.

import { App, Octokit } from 'octokit';
import type { GitHub } from './github.ts';

const impatient = (github: GitHub) =>
  Octokit.defaults({
    baseUrl: github.baseUrl,
    userAgent: 'seatrial-tests',
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    retry: { enabled: false },
    throttle: { enabled: false },
  });

/** The app by its JSON Web Token. */
export const appClient = (github: GitHub): App =>
  new App({ appId: github.app.id, privateKey: github.app.privateKey, Octokit: impatient(github) });

/** The app in its installation. */
export const installationClient = (github: GitHub): Promise<Octokit> =>
  appClient(github).getInstallationOctokit(github.app.installationId);

/** Somebody, or whoever has that token. */
export const personClient = (github: GitHub, token: string): Octokit => new (impatient(github))({ auth: token });

/** The status with which GitHub refused; undefined where it did not. */
export async function refusedWith(request: Promise<unknown>): Promise<number | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'status' in error && typeof error.status === 'number') return error.status;
    throw error;
  }
}

export const FLEETS = { owner: 'acme', repo: 'fleets' } as const;

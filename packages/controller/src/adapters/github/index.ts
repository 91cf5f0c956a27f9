// GitHub as a forge, for whoever assembles it: main.ts where it is configured, and tests.

export type * from '../../ports/forge.ts';
export type { ConnectionOptions } from './connection.ts';
export { type CredentialFiles, type Credentials, readCredentials } from './credentials.ts';
export { type Github, type GithubOptions, githubForge, openGithub } from './forge.ts';
export { isServedBy } from './git-access.ts';

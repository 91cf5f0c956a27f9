// The controller's configuration: YAML, checked as a whole, with every default in one place.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Millis, millis, parseDuration, parseGitCommit, parseName } from '@seatrial/spec';
import { parse } from 'yaml';
import { z } from 'zod';
import { PortError } from './errors.ts';

const duration = (fallback: string) =>
  z
    .string()
    .transform((text, context): Millis => {
      const [, milliseconds] = /^(\d{1,9})ms$/.exec(text) ?? [];
      const value = milliseconds === undefined ? parseDuration(text) : millis(Number(milliseconds));
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: 'is not of the form 500ms, 30s, 15m, 24h, 7d' });
      return z.NEVER;
    })
    .prefault(fallback);

const address = (port: number) =>
  z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535).default(port) });

const file = z.string().min(1);

const branchName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/);

const Git = z.strictObject({
  /** A path or a URL, as `git clone` takes it. */
  repository: z
    .string()
    .min(1)
    .refine(text => !text.startsWith('-'), 'must not begin with a dash'),
  branch: branchName.default('main'),
  /** Where in the repository the fleet's YAML lies; empty for all of it. */
  directory: z
    .string()
    .regex(/^(?:[A-Za-z0-9_][A-Za-z0-9._/-]*)?$/)
    .default(''),
  poll: duration('30s'),
  timeout: duration('2m'),
});

const Audit = z.strictObject({
  branch: branchName.default('seatrial/audit'),
  /** Says that the history of the branch was rewritten knowingly: the head to go on from. */
  acceptHead: z
    .string()
    .refine(text => parseGitCommit(text) !== undefined, 'is not a commit id')
    .optional(),
});

const Broker = z.strictObject({
  /** `mqtt://host:1883` or `mqtts://host:8883`; the embedded broker where there is none. */
  url: z
    .string()
    .regex(/^(?:mqtts?|tcp|ssl):\/\/[^/@\s]+\/?$/, 'is not of the form mqtt://host:port, without credentials')
    .optional(),
  listen: address(1883).prefault({}),
  username: z.string().optional(),
  passwordFile: file.optional(),
  caFile: file.optional(),
  certFile: file.optional(),
  keyFile: file.optional(),
  /** Publications under way. */
  window: z.int().min(1).max(10_000).default(2_000),
});

const Http = z.strictObject({
  listen: address(8470).prefault({}),
  /** Holds the bearer token for orders; without it no orders are taken. */
  tokenFile: file.optional(),
});

/** A token in clear text may travel no further than this machine. */
const apiUrl = z
  .string()
  .regex(
    /^https:\/\/[^/@\s?#]+(?:\/[^@\s?#]*)?$|^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?(?:\/[^@\s?#]*)?$/,
    {
      error: 'is not of the form https://host/path, without credentials',
    },
  )
  .transform(text => text.replace(/\/+$/, ''));

const Webhook = z.strictObject({
  /** The first line is the secret that GitHub signs with. */
  secretFile: file,
  path: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._-]+)+$/)
    .refine(path => !/^\/(?:api|healthz|readyz|metrics)(?:\/|$)/.test(path), 'is an address of the API')
    .default('/webhooks/github'),
});

const Github = z
  .strictObject({
    /** `owner/name`. */
    repository: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/, 'is not of the form owner/name'),
    baseUrl: apiUrl.prefault('https://api.github.com'),
    app: z
      .strictObject({ id: z.int().min(1), privateKeyFile: file, installation: z.int().min(1).optional() })
      .optional(),
    /** Holds a person's token, where there is no app. */
    tokenFile: file.optional(),
    webhook: Webhook.optional(),
    poll: duration('1m'),
    /** How often open pull requests are reviewed anew because boards have moved. */
    refresh: duration('10m'),
    /** Between two changes of the same status or comment of a merged change. */
    tell: duration('30s'),
    timeout: duration('30s'),
    /** Between two writes. */
    writePause: duration('1s'),
  })
  .refine(({ app, tokenFile }) => (app === undefined) !== (tokenFile === undefined), 'needs either app or tokenFile');

export type GithubConfig = z.output<typeof Github>;

const Snapshot = z.strictObject({
  /** Where the reported state is pushed to, so that a pipeline can read it without asking the controller. */
  branch: branchName.optional(),
  every: duration('10m'),
});

/** Where the location is an URL or a path. */
const location = z
  .string()
  .min(1)
  .max(2_048)
  .refine(
    text => !/^[a-z][a-z0-9+.-]*:/i.test(text) || /^https?:\/\/[^/@\s]+/.test(text),
    'is neither a path nor http(s), without credentials',
  );

const Source = z.discriminatedUnion('kind', [
  /** `remote`: as releases name it under `os.remote`. */
  z.strictObject({ kind: z.literal('ostree'), remote: z.string().min(1).max(255), location }),
  /** `board`: as Boards are named in git. */
  z.strictObject({
    kind: z.literal('capsules'),
    board: z.string().transform((text, context) => {
      const name = parseName(text);
      if (name !== undefined) return name;
      context.addIssue({ code: 'custom', message: 'is not the name of a Board' });
      return z.NEVER;
    }),
    location,
  }),
]);

const Artifacts = z.strictObject({
  /** Where builds put what could be run. */
  sources: z.array(Source).max(256).default([]),
  poll: duration('5m'),
  timeout: duration('30s'),
});

const Boards = z.strictObject({
  unreachableAfter: duration('15m'),
  planLifetime: duration('7d'),
  /** Releases and approvals count only with signatures that reach their thresholds. */
  requireSignatures: z.boolean().default(false),
});

export const ControllerConfig = z
  .strictObject({
    /** Database and mirror; made when it does not exist. */
    stateDirectory: file,
    git: Git,
    audit: Audit.prefault({}),
    broker: Broker.prefault({}),
    http: Http.prefault({}),
    signing: z.strictObject({
      /** PEM, PKCS#8, Ed25519. */
      keyFile: file,
      /** The key's name in the TrustRoot; found by its public half where it is not given. */
      keyId: z.string().optional(),
    }),
    boards: Boards.prefault({}),
    github: Github.optional(),
    artifacts: Artifacts.prefault({}),
    snapshot: Snapshot.prefault({}),
    /** How often time alone is looked at. */
    tick: duration('1s'),
    /** How long nothing must come from a new connection before what the broker retains counts as taken. */
    quiet: duration('500ms'),
  })
  .refine(({ git, audit, snapshot }) => snapshot.branch !== git.branch && snapshot.branch !== audit.branch, {
    path: ['snapshot', 'branch'],
    message: 'must be a branch of its own: it is overwritten',
  });
/** As written; defaults may be missing. */
export type ControllerConfigInput = z.input<typeof ControllerConfig>;
export type ControllerConfig = z.output<typeof ControllerConfig>;

/** Throws PortError `config-unreadable` or `config-invalid`; relative paths are relative to the file. */
export async function loadConfig(path: string): Promise<ControllerConfig> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PortError('config-unreadable', path, { cause });
  });
  return withAbsolutePaths(parseConfig(text, path), dirname(resolve(path)));
}

export function parseConfig(text: string, path: string): ControllerConfig {
  const result = ControllerConfig.safeParse(parseYaml(text, path));
  if (result.success) return result.data;
  const detail = result.error.issues
    .map(({ path: at, message }) => `${at.join('.') || 'document'}: ${message}`)
    .join('; ');
  throw new PortError('config-invalid', path, { detail });
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, version: '1.2' });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : 'not YAML';
    throw new PortError('config-invalid', path, { detail, cause });
  }
}

function withAbsolutePaths(config: ControllerConfig, base: string): ControllerConfig {
  const at = (path: string) => resolve(base, path);
  const { broker, http, signing, git, github } = config;
  const brokerFiles = ['passwordFile', 'caFile', 'certFile', 'keyFile'] as const;
  const absolute = Object.fromEntries(
    brokerFiles.flatMap(key => (broker[key] === undefined ? [] : [[key, at(broker[key])]])),
  );
  const isPath = !git.repository.includes(':');
  return {
    ...config,
    stateDirectory: at(config.stateDirectory),
    git: isPath ? { ...git, repository: at(git.repository) } : git,
    broker: { ...broker, ...absolute },
    http: http.tokenFile === undefined ? http : { ...http, tokenFile: at(http.tokenFile) },
    signing: { ...signing, keyFile: at(signing.keyFile) },
    ...(github && { github: withAbsoluteGithubPaths(github, at) }),
    artifacts: withAbsoluteLocations(config.artifacts, at),
  };
}

const withAbsoluteLocations = (
  { sources, ...artifacts }: ControllerConfig['artifacts'],
  at: (path: string) => string,
): ControllerConfig['artifacts'] => ({
  ...artifacts,
  sources: sources.map(one => (/^https?:/.test(one.location) ? one : { ...one, location: at(one.location) })),
});

function withAbsoluteGithubPaths(
  { app, tokenFile, webhook, ...github }: GithubConfig,
  at: (path: string) => string,
): GithubConfig {
  return {
    ...github,
    ...(app && { app: { ...app, privateKeyFile: at(app.privateKeyFile) } }),
    ...(tokenFile !== undefined && { tokenFile: at(tokenFile) }),
    ...(webhook && { webhook: { ...webhook, secretFile: at(webhook.secretFile) } }),
  };
}

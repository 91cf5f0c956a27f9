// The controller, put together: the only file that knows everyone.

import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_REPORT_BYTES } from '@seatrial/capsule-plan';
import { type Clock, type DesiredState, systemClock } from '@seatrial/spec';
import { artifactSources } from './adapters/artifact-sources.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from './adapters/embedded-broker.ts';
import { gitAuditLog } from './adapters/git-audit-log.ts';
import { openMirror, withoutCredentials } from './adapters/git-command.ts';
import { gitMergePreview } from './adapters/git-merge-preview.ts';
import { gitRepository } from './adapters/git-repository.ts';
import { gitSnapshotBranch } from './adapters/git-snapshot-branch.ts';
import { gitTextMerge } from './adapters/git-text-merge.ts';
import { buildApi, listen } from './adapters/http/server.ts';
import { mqttBroker } from './adapters/mqtt-broker.ts';
import { prometheusMetrics } from './adapters/prometheus.ts';
import { type ControllerKey, readSigningKey, readToken, trustedName } from './adapters/signing-key.ts';
import { specValidator } from './adapters/spec-validator.ts';
import { openSqliteStore } from './adapters/sqlite-store.ts';
import { startLoops } from './app/controller.ts';
import type { ForgeSide } from './app/readers.ts';
import { ControllerConfig, type ControllerConfigInput, type GithubConfig, loadConfig } from './config.ts';
import { PortError } from './errors.ts';
import type { AuditLog } from './ports/audit-log.ts';
import type { Broker } from './ports/broker.ts';
import type { FleetRepository } from './ports/fleet-repository.ts';
import type { Forge } from './ports/forge.ts';
import type { Office } from './ports/office.ts';
import type { Store } from './ports/store.ts';

export const CONTROLLER_VERSION = '0.1.0';

/** Outside things that a test or a demonstration brings itself. */
export interface ControllerPorts {
  readonly clock?: Clock;
  readonly store?: Store;
  readonly repository?: FleetRepository;
  readonly auditLog?: AuditLog;
  readonly broker?: Broker;
  /** Used where `github` is configured. */
  readonly forge?: Forge;
  /** What is to be said to whoever watches the process; one line each. */
  readonly log?: (line: string) => void;
}

export interface RunningController {
  /** `http://host:port` of the API. */
  readonly url: string;
  /** What boards connect to. */
  readonly brokerUrl: string;
  readonly office: Office;
  /** Ends everything in order; what was acknowledged is stored. */
  stop(): Promise<void>;
}

/** Reads the configuration file and starts. Throws PortError. */
export const runController = async (configFile: string, ports: ControllerPorts = {}): Promise<RunningController> =>
  start(await loadConfig(configFile), ports);

/** Starts with a configuration that may leave defaults out. Throws PortError for what makes a start impossible. */
export const startController = async (
  input: ControllerConfigInput,
  ports: ControllerPorts = {},
): Promise<RunningController> => start(readConfig(input), ports);

/** Resolves once the API answers; the fleet is looked after as soon as git, audit branch and broker allow. */
async function start(config: ControllerConfig, ports: ControllerPorts): Promise<RunningController> {
  const closing: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return { ...(await assemble(config, ports, closing)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  config: ControllerConfig,
  ports: ControllerPorts,
  closing: (() => Promise<void>)[],
): Promise<Omit<RunningController, 'stop'>> {
  const clock = ports.clock ?? systemClock;
  await mkdir(config.stateDirectory, { recursive: true });
  const key = await readSigningKey(config.signing.keyFile, config.signing.keyId);
  const token = config.http.tokenFile === undefined ? undefined : await readToken(config.http.tokenFile);
  const store = ports.store ?? openSqliteStore(join(config.stateDirectory, 'controller.db'));
  closing.push(() => store.close());
  const github = config.github && (await openForge(config, config.github, ports));
  const git = await gitPorts(config, ports, github);
  const broker = ports.broker ?? (await brokerPort(config, closing));
  const loops = await startLoops({
    ...options(config, key),
    clock,
    store,
    ...git,
    ...(config.github && github && { forge: await forgeSide(config, config.github, github) }),
    broker,
    validator: specValidator(),
    metrics: prometheusMetrics(),
    log: ports.log ?? (() => {}),
  });
  closing.push(() => loops.stop());
  const { office } = loops;
  const webhook = await webhookOptions(config, loops);
  const api = buildApi({
    office,
    version: CONTROLLER_VERSION,
    ...(token !== undefined && { token }),
    ...(webhook && { webhook }),
  });
  closing.push(() => api.close());
  const url = await listen(api, config.http.listen);
  return { url, brokerUrl: broker.url, office };
}

function options(config: ControllerConfig, key: ControllerKey) {
  const { git, audit, boards, tick, quiet, broker, signing } = config;
  return {
    names: { repository: withoutCredentials(git.repository), branch: git.branch, auditBranch: audit.branch },
    signerFor: (desired: DesiredState) => {
      const keyId = trustedName(key, desired.trustRoot);
      const isTrusted = keyId !== undefined && (signing.keyId === undefined || signing.keyId === keyId);
      return { signer: keyId === undefined ? key.signer : { ...key.signer, keyId }, isTrusted };
    },
    pollMs: git.poll,
    tickMs: tick,
    quietMs: quiet,
    window: broker.window,
    unreachableAfterMs: boards.unreachableAfter,
    planLifetimeMs: boards.planLifetime,
    requireSignatures: boards.requireSignatures,
    ...(audit.acceptHead !== undefined && { acceptHead: audit.acceptHead }),
  };
}

/** The forge, and what git shows its server. */
interface OpenedForge {
  readonly forge: Forge;
  readonly authorization?: () => Promise<string>;
}

async function gitPorts(config: ControllerConfig, ports: ControllerPorts, forge: OpenedForge | undefined) {
  const { repository, auditLog } = ports;
  const { branch, every } = config.snapshot;
  if (repository !== undefined && auditLog !== undefined && branch === undefined) return { repository, auditLog };
  const git = await mirrorOf(config, forge);
  return {
    repository: repository ?? gitRepository(git, config.git),
    auditLog: auditLog ?? gitAuditLog(git, config.audit),
    ...(branch !== undefined && { snapshotBranch: { branch: gitSnapshotBranch(git, branch), everyMs: every } }),
  };
}

const mirrorOf = ({ git, stateDirectory }: ControllerConfig, forge: OpenedForge | undefined) =>
  openMirror({
    repository: git.repository,
    mirror: join(stateDirectory, 'mirror.git'),
    timeoutMs: git.timeout,
    ...(forge?.authorization && { authorization: forge.authorization }),
  });

async function forgeSide(
  config: ControllerConfig,
  { poll, refresh, tell }: GithubConfig,
  opened: OpenedForge,
): Promise<ForgeSide> {
  const git = await mirrorOf(config, opened);
  return {
    forge: opened.forge,
    git: gitMergePreview(git, config.git),
    merge: gitTextMerge(git),
    ...artifactsOf(config),
    tellMs: tell,
    directory: config.git.directory,
    pollMs: poll,
    refreshMs: refresh,
  };
}

function artifactsOf({ artifacts: { sources, poll, timeout } }: ControllerConfig): Pick<ForgeSide, 'artifacts'> {
  return sources.length === 0
    ? {}
    : { artifacts: { index: artifactSources({ sources, timeoutMs: timeout }), pollMs: poll } };
}

/** octokit is a quarter of a megabyte that a controller without GitHub does not load. */
async function openForge(
  { git }: ControllerConfig,
  github: GithubConfig,
  ports: ControllerPorts,
): Promise<OpenedForge> {
  if (ports.forge !== undefined) return { forge: ports.forge };
  const { isServedBy, openGithub, readCredentials } = await import('./adapters/github/index.ts');
  const { repository, baseUrl, timeout, writePause, app, tokenFile } = github;
  const [owner = '', name = ''] = repository.split('/');
  const credentials = await readCredentials(definedOnly({ app, tokenFile }));
  const common = { owner, name, credentials, branch: git.branch, timeoutMs: timeout, writePauseMs: writePause };
  const { forge, authorization } = openGithub({ baseUrl, ...common });
  return { forge, ...(isServedBy(git.repository, baseUrl) && { authorization }) };
}

async function webhookOptions({ github }: ControllerConfig, { ring }: Awaited<ReturnType<typeof startLoops>>) {
  if (github?.webhook === undefined || ring === undefined) return undefined;
  const { path, secretFile } = github.webhook;
  return { path, secret: await readToken(secretFile), repository: github.repository, ring };
}

async function brokerPort({ broker }: ControllerConfig, closing: (() => Promise<void>)[]): Promise<Broker> {
  const embedded: EmbeddedBroker | undefined =
    broker.url === undefined ? await startEmbeddedBroker(broker.listen) : undefined;
  if (embedded !== undefined) closing.push(() => embedded.close());
  const { listen: _listen, window: _window, url: _url, ...credentials } = broker;
  return mqttBroker({
    url: embedded?.url ?? broker.url ?? '',
    clientId: `seatrial-controller-${randomUUID().slice(0, 8)}`,
    maxMessageBytes: 2 * MAX_REPORT_BYTES,
    connectTimeoutMs: 10_000,
    ...definedOnly(credentials),
  });
}

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Members that are there at all. */
const definedOnly = <T extends object>(value: T): Partial<Defined<T>> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<Defined<T>>; // a subset of T's members

function readConfig(input: ControllerConfigInput): ControllerConfig {
  const result = ControllerConfig.safeParse(input);
  if (result.success) return result.data;
  const detail = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new PortError('config-invalid', 'configuration', { detail });
}

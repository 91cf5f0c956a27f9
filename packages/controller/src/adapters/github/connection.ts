// The connection to one repository on GitHub: octokit with its throttling and retries, answers kept by their ETag, silence
// while a limit lasts, and every failure one PortError without secrets.
//
// Touches: the API at `baseUrl` over HTTPS. Sends: the app's JSON web token, its installation token, or the person's token.
// INVARIANTS: while a limit lasts no request leaves; a request that made something and got no answer is not sent again by
// itself, since it may have been heard; nothing that octokit says reaches a log.

import { App, Octokit } from 'octokit';
import { z } from 'zod';
import { PortError } from '../../errors.ts';
import { type Answer, KeptAnswers } from './conditional-requests.ts';
import { type Credentials, secretsOf } from './credentials.ts';
import { isRateLimit, portErrorOf, type Refusal, refusalOf, restAfter } from './failures.ts';
import { pacedGroup } from './pace.ts';

export interface ConnectionOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of GitHub Enterprise Server. */
  readonly baseUrl: string;
  readonly owner: string;
  readonly name: string;
  readonly credentials: Credentials;
  /** Between two writes; three times as long between those that notify people. GitHub asks for a second [GITHUB-REST best practices]. */
  readonly writePauseMs: number;
  readonly timeoutMs: number;
}

export interface Connection {
  readonly repository: { readonly owner: string; readonly repo: string };
  /** Authorised for the repository. */
  octokit(): Promise<Octokit>;
  /** Whose comments and checks are ours. */
  identity(): Promise<Identity>;
  /** What git may show in place of a password; an app's is made anew before it runs out. */
  token(): Promise<string>;
}

export interface Identity {
  readonly login: string;
  /** Absent for a person: only an app may write checks. */
  readonly appId?: number;
}

/** A limit that ends sooner is waited for by octokit itself. */
const SHORT_REST_S = 5;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Answers that do not change by asking again. */
const FINAL_STATUSES = [400, 401, 403, 404, 409, 410, 412, 413, 422, 429, 451];

/** What is touched of a request's options. */
interface RequestOptions {
  headers: object;
  request: object;
}

interface Guarded<Options extends RequestOptions> {
  readonly request: (options: Options) => Answer | Promise<Answer>;
  /** The hooks further inside see the same object: what is to reach them is set in place. */
  readonly options: Options;
  readonly url: string;
  readonly method: string;
}

export function connect(options: ConnectionOptions): Connection {
  const { owner, name, credentials } = options;
  const guard = new Guard(options);
  const Guarded = guardedOctokit(options, guard);
  let opened: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opened ??= (
      credentials.kind === 'app' ? openApp(Guarded, options, credentials) : openPerson(Guarded, credentials)
    ).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  // An installation token that was revoked stays in octokit's memory for an hour: the next request asks for a fresh one.
  guard.onRefused = () => {
    opened = undefined;
  };
  return {
    repository: { owner, repo: name },
    octokit: async () => (await open()).octokit,
    identity: async () => (await open()).identity,
    token: async () => (await open()).token(),
  };
}

interface Opened {
  readonly octokit: Octokit;
  readonly token: () => Promise<string>;
  readonly identity: Identity;
}

/** What octokit's own authentication answers, as far as it is used. */
const Token = z.object({ token: z.string() });

async function openApp(
  Guarded: typeof Octokit,
  { owner, name }: ConnectionOptions,
  { appId, privateKey, installation }: Extract<Credentials, { kind: 'app' }>,
): Promise<Opened> {
  const app = new App({ appId, privateKey, Octokit: Guarded, log: SILENT });
  const { data } = await app.octokit.rest.apps.getAuthenticated();
  if (data === null)
    throw new PortError('forge-refused', `${owner}/${name}`, { detail: 'GitHub does not know the app' });
  const id = installation ?? (await app.octokit.rest.apps.getRepoInstallation({ owner, repo: name })).data.id;
  const octokit = await app.getInstallationOctokit(id);
  const token = async () => Token.parse(await octokit.auth({ type: 'installation' })).token;
  return { octokit, token, identity: { login: `${data.slug ?? data.name}[bot]`, appId } };
}

async function openPerson(
  Guarded: typeof Octokit,
  { token }: Extract<Credentials, { kind: 'token' }>,
): Promise<Opened> {
  const octokit = new Guarded({ auth: token });
  const { data } = await octokit.rest.users.getAuthenticated();
  return { octokit, token: async () => token, identity: { login: data.login } };
}

function guardedOctokit(options: ConnectionOptions, guard: Guard): typeof Octokit {
  const { baseUrl, owner, name, timeoutMs, writePauseMs } = options;
  const waitShortly = (retryAfterS: number, _request: unknown, _octokit: unknown, retries: number): boolean =>
    retries === 0 && retryAfterS <= SHORT_REST_S;
  return Octokit.plugin(octokit => {
    octokit.hook.wrap('request', (request, requestOptions) => {
      const { url, method } = octokit.request.endpoint(requestOptions);
      return guard.send({ request, options: requestOptions, url, method });
    });
  }).defaults({
    baseUrl,
    userAgent: 'seatrial-controller',
    log: SILENT,
    request: { log: SILENT, fetch: fetchWithin(timeoutMs) },
    retry: { retries: 2, retryAfterBaseValue: 500, doNotRetry: FINAL_STATUSES },
    throttle: {
      id: `${baseUrl} ${owner}/${name}`,
      onRateLimit: waitShortly,
      onSecondaryRateLimit: waitShortly,
      write: pacedGroup(writePauseMs),
      notifications: pacedGroup(3 * writePauseMs),
    },
  });
}

/**
 * Node's own fetch waits for ever, and octokit takes an answer that breaks off in the middle for an empty one: a list of
 * comments without comments, say. So an answer counts only when all of it is here.
 */
const fetchWithin =
  (timeoutMs: number): typeof fetch =>
  async (url, init) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    if (response.body === null) return response;
    const body = await response.arrayBuffer();
    const whole = new Response(body.byteLength === 0 ? null : body, response);
    return Object.defineProperty(whole, 'url', { value: response.url });
  };

/** Stands outermost around every request. */
class Guard {
  /** GitHub does not accept who we are. */
  onRefused: () => void = () => {};
  readonly #element: string;
  readonly #secrets: readonly string[];
  readonly #answers = new KeptAnswers();
  #restUntilMs = 0;

  constructor({ owner, name, credentials }: ConnectionOptions) {
    this.#element = `${owner}/${name}`;
    this.#secrets = secretsOf(credentials);
  }

  async send<Options extends RequestOptions>(guarded: Guarded<Options>): Promise<Answer> {
    const { request, options, url, method } = guarded;
    this.#assertRested();
    const etag = method === 'GET' ? this.#answers.etagOf(url) : undefined;
    if (etag !== undefined) options.headers = { ...options.headers, 'if-none-match': etag };
    // It may have been heard although no answer came: whoever posts looks before posting again.
    if (method === 'POST') options.request = { ...options.request, retries: 0 };
    try {
      const answer = await request(options);
      if (isForeign(answer)) throw this.#failure(FOREIGN, `${method} ${new URL(url).pathname}`);
      if (method === 'GET') this.#answers.keep(url, answer);
      return answer;
    } catch (error) {
      const refusal = refusalOf(error);
      const kept = refusal?.status === 304 ? this.#answers.read(url) : undefined;
      if (kept !== undefined) return kept;
      throw refusal === undefined ? error : this.#failure(refusal, `${method} ${new URL(url).pathname}`);
    }
  }

  #assertRested(): void {
    if (Date.now() >= this.#restUntilMs) return;
    const detail = `no request is sent before ${new Date(this.#restUntilMs).toISOString()}`;
    throw new PortError('forge-rate-limited', this.#element, { detail });
  }

  #failure(refusal: Refusal, request: string): PortError {
    if (isRateLimit(refusal)) this.#restUntilMs = Date.now() + restAfter(refusal, Date.now());
    if (refusal.status === 401) this.onRefused();
    return portErrorOf(refusal, { element: this.#element, request, secrets: this.#secrets });
  }
}

/** GitHub answers with an object or a list, or with nothing: a text is a proxy's. */
const isForeign = ({ status, data }: Answer): boolean => Number(status) !== 204 && typeof data !== 'object';
const FOREIGN: Refusal = { status: 0, message: 'what answered is not GitHub', headers: {} };

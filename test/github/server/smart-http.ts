// Git over HTTP: `git http-backend` behind GitHub's addresses and tokens.

import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GIT_ENVIRONMENT } from '../git/run-git.ts';
import type { Actor } from '../model/accounts.ts';
import type { Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { covers } from '../operations/apps.ts';
import { maySee } from '../operations/call.ts';
import { Refusal } from '../refusal.ts';
import { authenticate } from './authenticate.ts';
import { grants } from './permissions.ts';

const SERVICE = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

export const isGitRequest = ({ pathname }: URL): boolean => SERVICE.test(pathname);

/** Resolves when git has answered; a push is then on disk. */
export async function serveGit(world: World, url: URL, { request, response }: Exchange): Promise<void> {
  const [, owner = '', name = '', path = ''] = SERVICE.exec(url.pathname) ?? [];
  const writes = path === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const repository = world.repository(`${owner}/${name}`);
  const actor = whoAsks(world, request.headers.authorization);
  if (actor === undefined || (actor.kind === 'nobody' && (writes || repository?.isPrivate !== false))) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
    return;
  }
  if (repository === undefined || !maySee(actor, repository)) {
    response.writeHead(404).end('Repository not found.\n');
    return;
  }
  if (!mayUse(actor, repository, writes)) {
    response.writeHead(403).end('Write access to repository not granted.\n');
    return;
  }
  await runBackend({ request, response }, { path, query: url.search.slice(1), repository, user: loginOf(actor) });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function whoAsks(world: World, header: string | undefined): Actor | undefined {
  try {
    return authenticate(world, header);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function mayUse(actor: Actor, repository: Repository, writes: boolean): boolean {
  const wanted = writes ? 'contents:write' : 'contents:read';
  if (actor.kind === 'installation') {
    return (covers(actor.installation, repository) || !writes) && grants(actor.permissions, wanted);
  }
  if (actor.kind !== 'personal') return !writes && actor.kind === 'nobody';
  const role = actor.user === repository.owner ? 'admin' : repository.collaborators.get(actor.user.login);
  const mayWrite = role === 'write' || role === 'admin';
  return (!writes || mayWrite) && (actor.permissions === undefined || grants(actor.permissions, wanted));
}

function loginOf(actor: Actor): string {
  if (actor.kind === 'personal') return actor.user.login;
  return actor.kind === 'installation' ? actor.installation.app.bot.login : '';
}

interface Service {
  readonly path: string;
  readonly query: string;
  readonly repository: Repository;
  readonly user: string;
}

/** RFC 3875: the request in the environment and on standard input, the answer with its headers on standard output. */
function runBackend({ request, response }: Exchange, service: Service): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], { env: environment(request, service), stdio: 'pipe' });
    let head = Buffer.alloc(0);
    let isBody = false;
    child.stdout.on('data', (chunk: Buffer) => {
      if (isBody) return response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      isBody = true;
      writeHead(response, head.subarray(0, end).toString('latin1'));
      return response.write(head.subarray(end + 4));
    });
    child.stderr.resume();
    child.stdin.on('error', () => undefined); // it ended without reading all: its answer says why
    child.on('error', reject);
    child.on('close', () => {
      if (!isBody) response.writeHead(500);
      response.end();
      resolve();
    });
    request.pipe(child.stdin);
  });
}

function environment({ method, headers }: IncomingMessage, { path, query, repository, user }: Service) {
  return {
    ...GIT_ENVIRONMENT,
    GIT_PROJECT_ROOT: repository.git.path,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: query,
    REQUEST_METHOD: method ?? 'GET',
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: headers['content-length'] ?? '',
    HTTP_CONTENT_ENCODING: String(headers['content-encoding'] ?? ''),
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
    ...(user !== '' && { REMOTE_USER: user }),
  };
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [name = '', value = ''] = line.split(/: ?(.*)/s);
    if (name.toLowerCase() === 'status') status = Number(value.split(' ')[0]);
    else response.setHeader(name, value);
  }
  response.statusCode = status;
}

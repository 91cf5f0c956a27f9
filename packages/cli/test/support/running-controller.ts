// A controller that runs for the tests of one file: the command itself, over a real git repository, with its own broker.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeReport, type Report, topic } from '@seatrial/capsule-plan';
import { systemClock } from '@seatrial/spec';
import { type ExitCode, type Output, run } from '../../src/index.ts';
import { makeKeys } from './trust.ts';
import { FLEET } from './workspace.ts';

export interface TestController {
  readonly url: string;
  readonly tokenFile: string;
  /** The repository that it watches, with a work tree. */
  readonly repository: string;
  /** Puts a file into a new commit of the repository that it watches. */
  commit(file: string, text: string, subject: string): void;
  /** Publishes as a board would, with Debian's own client. */
  report(report: Report): Promise<void>;
  /** The exit code of the controller after it was asked to end. */
  stop(): Promise<ExitCode>;
}

export async function startTestController(): Promise<TestController> {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-cli-controller-'));
  const tokenFile = join(root, 'token');
  writeFileSync(tokenFile, 'a-secret\n');
  await makeRepository(root);
  writeFileSync(join(root, 'controller.yaml'), CONFIG);
  const said: string[] = [];
  const stop = new AbortController();
  const ended = run(['controller', '--config', join(root, 'controller.yaml')], surroundings(said, stop.signal));
  const [url, broker] = await addresses(said, ended);
  return {
    url,
    tokenFile,
    repository: join(root, WORK),
    commit: (file, text, subject) => {
      writeFileSync(join(root, WORK, file), text);
      git(join(root, WORK), 'commit', '-q', '-a', '-m', subject);
    },
    report: report => publish(broker, report),
    stop: async () => {
      stop.abort();
      const code = await ended;
      rmSync(root, { recursive: true, force: true });
      return code;
    },
  };
}

const WORK = 'fleet';

const CONFIG = `
stateDirectory: state
git: { repository: ${WORK}, poll: 1s }
broker: { listen: { port: 0 } }
http: { listen: { port: 0 }, tokenFile: token }
signing: { keyFile: keys/k-controller.key }
`;

async function makeRepository(root: string): Promise<void> {
  const work = join(root, WORK);
  mkdirSync(join(root, 'keys'));
  cpSync(FLEET, work, { recursive: true });
  writeFileSync(join(work, 'root.yaml'), await makeKeys(join(root, 'keys')));
  git(work, 'init', '-q', '-b', 'main');
  git(work, 'add', '.');
  git(work, 'commit', '-q', '-m', 'A fleet');
}

function git(directory: string, ...words: string[]): void {
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  execFileSync('git', [...author, ...words], { cwd: directory });
}

function surroundings(said: string[], stop: AbortSignal) {
  const output: Output = { write: text => void said.push(text), isTerminal: false, colors: false, columns: 80 };
  return { out: output, err: output, env: {}, cwd: '/', clock: systemClock, stop };
}

const DEADLINE_MS = 20_000;

/** Of the API and of the broker, as soon as the controller says them; its last words where it ends instead. */
async function addresses(said: readonly string[], ended: Promise<ExitCode>): Promise<readonly [string, string]> {
  let code: ExitCode | undefined;
  void ended.then(end => {
    code = end;
  });
  for (const startedMs = Date.now(); Date.now() < startedMs + DEADLINE_MS; ) {
    const [, url, broker] = /API at (\S+), boards connect to (\S+)/.exec(said.join('')) ?? [];
    if (url !== undefined && broker !== undefined) return [url, broker];
    if (code !== undefined) break;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`the controller did not start: ${said.join('')}`);
}

/** Not synchronously: the broker lives in this process. */
async function publish(broker: string, report: Report): Promise<void> {
  const { hostname, port } = new URL(broker);
  const address = ['-h', hostname, '-p', port, '-q', '1', '-r', '-t', topic(report.device, 'report')];
  const client = spawn('mosquitto_pub', [...address, '-s'], { stdio: ['pipe', 'inherit', 'inherit'] });
  client.stdin.end(encodeReport(report));
  const [code] = await once(client, 'close');
  if (code !== 0) throw new Error(`mosquitto_pub ended with ${String(code)}`);
}

// The demonstration's git repository: the lab of `fleets/`, with trust keys and releases of its own. Every change is a commit
// that an engineer could have made. Runs git in one directory.

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  canonicalJson,
  envelopePath,
  type FirmwareVersion,
  formatFirmwareVersion,
  InvariantError,
  type OstreeCommit,
  payloadTypeOf,
  publicKeyOf,
  readSource,
  type Signer,
  signEnvelope,
} from '@seatrial/spec';
import type { MadeCapsule } from './workshop.ts';

export interface ReleaseOrder {
  readonly name: string;
  readonly firmware: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  readonly capsule: MadeCapsule;
  readonly commit: OstreeCommit;
  readonly notes: string;
}

/** Everybody who signs something in the demonstration. */
export type Signers = Readonly<Record<'root' | 'vendor' | 'operator' | 'controller', Signer>>;

export interface RepositorySetup {
  readonly directory: string;
  /** The checkout's `fleets/`. */
  readonly source: string;
  /** Where capsules and the OSTree repository are served. */
  readonly artifactUrl: string;
  readonly ref: string;
  readonly signers: Signers;
}

interface SigningOrder {
  readonly path: string;
  readonly roles: readonly (keyof Signers)[];
}

const COPIED = ['boards/virtual-iq-9075.yaml', 'lab/devices.yaml', 'lab/fleet.yaml'];
const FLEET_FILE = 'lab/fleet.yaml';
const run = promisify(execFile);

export class FleetRepository {
  readonly directory: string;
  readonly #setup: RepositorySetup;

  private constructor(setup: RepositorySetup) {
    this.#setup = setup;
    this.directory = setup.directory;
  }

  /** A new repository whose fleet runs `first`. */
  static async create(setup: RepositorySetup, first: ReleaseOrder): Promise<FleetRepository> {
    const repository = new FleetRepository(setup);
    for (const path of COPIED) await copyInto(setup, path);
    await repository.#writeSigned('TrustRoot', trustRoot(setup.signers), { path: 'trust/root.yaml', roles: ['root'] });
    await repository.#addRelease(first);
    await repository.#pointFleetAt(first.name);
    await repository.#git('init', '--quiet', '--initial-branch=main');
    await repository.#git('config', 'user.name', 'Fleet Engineer');
    await repository.#git('config', 'user.email', 'engineer@example.com');
    await repository.#commit(`Start with ${first.name}`);
    return repository;
  }

  /** Adds a release and points the fleet at it: what the merge of a pull request leaves behind. Returns the commit. */
  async roll(order: ReleaseOrder): Promise<string> {
    await this.#addRelease(order);
    await this.#pointFleetAt(order.name);
    return this.#commit(`Roll ${order.name} out to the lab`);
  }

  /** `git revert` of commits, newest first, in one commit. Returns the new commit. */
  async revert(...commits: readonly string[]): Promise<string> {
    await this.#git('revert', '--no-commit', ...commits);
    return this.#commit(`Take back ${commits.join(' and ')}`);
  }

  async head(): Promise<string> {
    return (await this.#git('rev-parse', '--short', 'HEAD')).trim();
  }

  /** As after `seatrial sign`: the vendor built it, the operator wants it. */
  #addRelease(order: ReleaseOrder): Promise<void> {
    const path = `releases/${order.name}.yaml`;
    return this.#writeSigned('Release', this.#release(order), { path, roles: ['vendor', 'operator'] });
  }

  async #writeSigned(kind: 'Release' | 'TrustRoot', text: string, { path, roles }: SigningOrder): Promise<void> {
    const [document] = readSource(text).documents;
    if (document === undefined) throw new InvariantError(`${path} holds no document`);
    const payload = Buffer.from(canonicalJson(document.value));
    const signers = roles.map(role => this.#setup.signers[role]);
    const envelope = signEnvelope(payloadTypeOf(kind), payload, signers);
    await this.#write(path, text);
    await this.#write(envelopePath(path), `${JSON.stringify(envelope, undefined, 2)}\n`);
  }

  async #commit(message: string): Promise<string> {
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', message);
    return this.head();
  }

  async #pointFleetAt(release: string): Promise<void> {
    const path = join(this.directory, FLEET_FILE);
    const text = await readFile(path, 'utf8');
    const changed = text.replace(/^( {2}release: ).*$/m, `$1${release}`);
    if (!changed.includes(`  release: ${release}\n`)) throw new InvariantError(`${FLEET_FILE} names no release`);
    await writeFile(path, changed);
  }

  #release({ name, firmware, lowestSupported, capsule, commit, notes }: ReleaseOrder): string {
    const { artifactUrl, ref } = this.#setup;
    return `apiVersion: seatrial.dev/v1alpha1
kind: Release
metadata:
  name: ${name}
spec:
  board: virtual-iq-9075
  transaction: coupled
  firmware:
    version: ${formatFirmwareVersion(firmware)}
    lowestSupported: ${formatFirmwareVersion(lowestSupported)}
    capsules:
      - name: firmware.cap
        url: ${artifactUrl}/${capsule.fileName}
        size: ${capsule.sizeBytes}
        sha256: "${capsule.sha256}"
  os:
    remote: lab
    ref: ${ref}
    commit: "${commit}"
    url: ${artifactUrl}/ostree
  notes: ${notes}
`;
  }

  async #write(path: string, text: string): Promise<void> {
    const target = join(this.directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }

  async #git(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('git', ['-C', this.directory, ...words], { env: quietGit() });
    return stdout;
  }
}

/** The user's own configuration (hooks, signing, editors) has no say here. */
const quietGit = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'true',
});

async function copyInto({ source, directory }: RepositorySetup, path: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await cp(join(source, path), join(directory, path));
}

const trustRoot = (signers: Signers): string => `apiVersion: seatrial.dev/v1alpha1
kind: TrustRoot
metadata:
  name: root
spec:
  version: 1
  expires: 2099-01-01T00:00:00Z
  keys:
${Object.values(signers)
  .map(({ keyId, privateKey }) => `    ${keyId}: { type: ed25519, public: "${publicKeyOf(privateKey)}" }`)
  .join('\n')}
  roles:
${Object.entries(signers)
  .map(([role, { keyId }]) => `    ${role}: { threshold: 1, keys: [${keyId}] }`)
  .join('\n')}
`;

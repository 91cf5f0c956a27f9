// The demonstration's world on this machine: keys, workshop, git repository, controller, eight boards. Everything lies below
// one temporary directory and is gone at the end.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DeviceId,
  type Guid,
  InvariantError,
  parseDeviceId,
  parseGuid,
  parseKeyId,
  publicKeyOf,
  type Signer,
} from '@seatrial/spec';
import { startArtifactServer, type VirtualBoard } from '@seatrial/virtual-board';
import { CliError } from '../errors.ts';
import { makeBoards } from './boards.ts';
import { type DemoController, startDemoController } from './demo-controller.ts';
import { FleetRepository, type Signers } from './fleet-repository.ts';
import type { RolledRelease } from './scenario.ts';
import { firmware } from './scenarios/versions.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

export const REF = 'lab/x86_64/hub';
const FW_CLASS_TEXT = '78462415-6133-431C-9FAE-48F2BAFD5C71';
const BOARD_COUNT = 8;

export interface Lab {
  readonly directory: string;
  readonly workshop: Workshop;
  readonly repository: FleetRepository;
  readonly controller: DemoController;
  readonly boards: readonly VirtualBoard[];
  /** What the boards left the factory with. */
  readonly factory: RolledRelease;
  close(): Promise<void>;
}

export interface LabOptions {
  /** Called before each part that takes a moment. */
  readonly tell: (what: string) => void;
}

export async function openLab({ tell }: LabOptions): Promise<Lab> {
  const directory = await mkdtemp(join(tmpdir(), 'seatrial-demo-'));
  const closing: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    return { ...(await build(directory, { tell, closing })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  directory: string,
  { tell, closing }: LabOptions & { readonly closing: (() => Promise<void>)[] },
): Promise<Omit<Lab, 'close'>> {
  tell('make keys, a signed capsule and a first operating system');
  const signers = newSigners();
  const workshop = await openWorkshop(join(directory, 'artifacts'), fwClass());
  const server = await startArtifactServer({ directory: workshop.directory });
  closing.push(() => server.close());
  const { repository, factory } = await startRepository(directory, { workshop, signers, artifactUrl: server.url });
  tell('start the controller with its embedded broker');
  const controller = await startDemoController({
    directory,
    repository: repository.directory,
    signer: signers.controller,
  });
  closing.push(() => controller.stop());
  tell(`make ${BOARD_COUNT} boards: ESP, UEFI variables, OSTree sysroot`);
  const boards = await makeBoards({
    directory: join(directory, 'boards'),
    ids: boardIds(),
    workshop,
    artifactUrl: server.url,
    brokerUrl: controller.brokerUrl,
    trustRoot: trustRoot(signers.controller),
    agent: agentCommand(),
    fwClass: fwClass(),
    ref: REF,
    factory: { version: factory.firmware, lowestSupported: firmware(0), commit: factory.commit },
  });
  for (const board of boards) closing.push(() => board.remove());
  tell('power on');
  await Promise.all(boards.map(board => board.powerOn()));
  return { directory, workshop, repository, controller, boards, factory };
}

/** A repository whose fleet wants what its boards already run. */
async function startRepository(
  directory: string,
  {
    workshop,
    signers,
    artifactUrl,
  }: { readonly workshop: Workshop; readonly signers: Signers; readonly artifactUrl: string },
): Promise<{ readonly repository: FleetRepository; readonly factory: RolledRelease }> {
  const name = 'lab-1.0.0';
  const order = { version: firmware(1), lowestSupported: firmware(0), signedBy: 'vendor' } as const;
  const capsule = await workshop.makeCapsule(order);
  const commit = await workshop.makeSystem({ ref: REF, version: '1.0.0' });
  const repository = await FleetRepository.create(
    { directory: join(directory, 'fleet'), source: fleetsDirectory(), artifactUrl, ref: REF, signers },
    {
      name,
      firmware: order.version,
      lowestSupported: order.lowestSupported,
      capsule,
      commit,
      notes: 'As it leaves the factory.',
    },
  );
  return { repository, factory: { name, gitCommit: await repository.head(), firmware: order.version, commit } };
}

function newSigners(): Signers {
  const signer = (role: string): Signer => {
    const keyId = parseKeyId(`k-${role}`);
    if (keyId === undefined) throw new InvariantError(`k-${role} is a key id`);
    return { keyId, privateKey: generateKeyPairSync('ed25519').privateKey };
  };
  return {
    root: signer('root'),
    vendor: signer('vendor'),
    operator: signer('operator'),
    controller: signer('controller'),
  };
}

const trustRoot = ({ keyId, privateKey }: Signer): string =>
  JSON.stringify({
    version: 1,
    keys: { [keyId]: publicKeyOf(privateKey) },
    roles: { controller: { threshold: 1, keys: [keyId] } },
  });

function boardIds(): readonly DeviceId[] {
  return Array.from({ length: BOARD_COUNT }, (_, index) =>
    parseDeviceId(`hub-${String(index + 1).padStart(2, '0')}`),
  ).filter(id => id !== undefined);
}

function fwClass(): Guid {
  const guid = parseGuid(FW_CLASS_TEXT);
  if (guid === undefined) throw new InvariantError('the firmware class is a GUID');
  return guid;
}

/** The directory of the checkout in which this command lies; the demonstration needs its `fleets/` and its agent. */
function checkout(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'fleets/lab/fleet.yaml'))) {
    if (directory === dirname(directory))
      throw new CliError('directory-unreadable', 'the demo runs from a checkout, which has fleets/');
    directory = dirname(directory);
  }
  return directory;
}

const fleetsDirectory = (): string => join(checkout(), 'fleets');

/** The bundle that boards run, or its sources where it was not built. */
function agentCommand(): readonly string[] {
  const home = join(checkout(), 'packages/device-reconciler');
  const bundle = join(home, 'dist/bundle/agent.js');
  return [process.execPath, existsSync(bundle) ? bundle : join(home, 'src/agent-entry.ts')];
}

export const newSeed = (): number => randomBytes(4).readUInt32LE();

/** mulberry32: a small generator with a seed that can be told and repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

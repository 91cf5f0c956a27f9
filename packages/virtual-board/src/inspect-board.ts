// A board's evidence, read from its files and from ostree itself; the agent is not asked.
// Reads root/proc, root/sys/firmware/efi and <ESP>; runs `ostree admin status`.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEfiText, type EsrtEntry, type LoaderEntry } from '@seatrial/capsule-plan';
import { firmwareVersion, parseBootId, parseGuid, parseOstreeCommit } from '@seatrial/spec';
import type { BoardEvidence, DeploymentEvidence, EntryEvidence, RunningSystem } from './board.ts';
import { type BoardPaths, loaderVariablePath } from './board-paths.ts';
import { readEntries } from './boot-loader/boot-loader.ts';
import { inLoaderOrder } from './boot-loader/select-entry.ts';
import { capsuleNames, readSharedVariables } from './firmware/flash.ts';
import { readVariable } from './firmware/variable-files.ts';
import { ostree } from './ostree-command.ts';
import { resolveDeployment, runningDeployment } from './system/deployment-on-disk.ts';

type Looked = Omit<BoardEvidence, 'running' | 'firmwareStarts'>;

/** Everything that the files say. What runs is known to the supervisor alone. */
export async function inspectFiles(paths: BoardPaths): Promise<Looked> {
  const esrt = readEsrt(paths);
  const held = readVariable(loaderVariablePath(paths, 'LoaderEntryDefault'));
  return {
    ...(esrt === undefined ? {} : { esrt }),
    ...readSharedVariables(paths),
    capsules: capsuleNames(paths.updateCapsule),
    entries: inLoaderOrder(readEntries(paths)).map(entry => entryEvidence(paths, entry)),
    ...(held === undefined ? {} : { heldEntry: decodeEfiText(held) }),
    deployments: await readDeployments(paths),
  };
}

function entryEvidence(paths: BoardPaths, { fileName, ostree: argument }: LoaderEntry): EntryEvidence {
  const deployment = argument === undefined ? undefined : resolveDeployment(paths, argument);
  return deployment === undefined ? { fileName } : { fileName, commit: deployment.commit };
}

/** `ostree admin status` prints two columns of markers, the stateroot, and `<commit>.<serial>`. */
async function readDeployments({ root }: BoardPaths): Promise<readonly DeploymentEvidence[]> {
  const status = await ostree('admin', `--sysroot=${root}`, 'status');
  return [...status.matchAll(/^[* ]{0,2}(\S+) ([0-9a-f]{64})\.(\d+)(?: \(.*\))?$/gmu)].flatMap(
    ([, stateroot = '', commitText = '', serial]) => {
      const commit = parseOstreeCommit(commitText);
      return commit === undefined ? [] : [{ stateroot, commit, serial: Number(serial) }];
    },
  );
}

function readEsrt({ esrt }: BoardPaths): EsrtEntry | undefined {
  const directory = join(esrt, 'entries/entry0');
  if (!existsSync(directory)) return undefined;
  const text = (name: string): string => readFileSync(join(directory, name), 'utf8').trim();
  const fwClass = parseGuid(text('fw_class'));
  if (fwClass === undefined) return undefined;
  return {
    fwClass,
    fwType: Number(text('fw_type')),
    fwVersion: firmwareVersion(Number(text('fw_version'))),
    lowestSupportedFwVersion: firmwareVersion(Number(text('lowest_supported_fw_version'))),
    capsuleFlags: Number(text('capsule_flags')),
    lastAttemptVersion: firmwareVersion(Number(text('last_attempt_version'))),
    lastAttemptStatus: Number(text('last_attempt_status')),
  };
}

/** The running OS by its own boot id and /usr; undefined where none runs. */
export function readRunning(paths: BoardPaths): RunningSystem | undefined {
  if (!existsSync(paths.bootId)) return undefined;
  const bootId = parseBootId(readFileSync(paths.bootId, 'utf8').trim());
  const deployment = runningDeployment(paths);
  const selected = readVariable(loaderVariablePath(paths, 'LoaderEntrySelected'));
  if (bootId === undefined || deployment === undefined || selected === undefined) return undefined;
  return { bootId, commit: deployment.commit, entryId: decodeEfiText(selected) };
}

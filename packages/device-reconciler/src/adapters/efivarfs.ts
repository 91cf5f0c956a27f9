// UEFI variables as files.
// Touches: /sys/firmware/efi/efivars/NAME-guid (read, written in one write(2), unlinked), /proc/mounts (read);
// runs `chattr -i` and `chattr +i` on variables that the kernel marks immutable.
// Privileges: CAP_DAC_OVERRIDE on efivarfs, CAP_LINUX_IMMUTABLE for chattr.

import { constants, type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { decodeEfiVariable, type EfiVariable, efiVariableFileName, encodeEfiVariable } from '@seatrial/capsule-plan';
import { type AgentErrorCode, PortError } from '../errors.ts';
import type { EfiVariables, VariableId } from '../ports/efi-variables.ts';
import type { BoardRoot } from './board-root.ts';
import { runCommand } from './command.ts';
import { errnoOf, readIfThere } from './durable-file.ts';
import { takesWrites } from './mounts.ts';

const DIRECTORY = 'sys/firmware/efi/efivars';
const CHATTR_TIMEOUT_MS = 10_000;

const WRITE_ERRORS: Readonly<Record<string, AgentErrorCode>> = {
  EROFS: 'efivarfs-read-only',
  EACCES: 'efivarfs-read-only',
  EPERM: 'efivarfs-read-only',
  ENOSPC: 'efivarfs-full',
};

export interface EfivarfsOptions {
  readonly root: BoardRoot;
  readonly chattr: readonly string[];
}

export function efivarfs({ root, chattr }: EfivarfsOptions): EfiVariables {
  const pathOf = ({ name, guid }: VariableId) => root(DIRECTORY, efiVariableFileName(name, guid));

  const read = async (id: VariableId): Promise<EfiVariable | undefined> => {
    const file = await readIfThere(pathOf(id)).catch((error: unknown) => {
      throw new PortError('efivarfs-io', id.name, { cause: error });
    });
    // efivarfs keeps an empty file for a variable that was opened and never written: cut there, it does not exist.
    if (file === undefined || file.byteLength === 0) return undefined;
    const variable = decodeEfiVariable(new Uint8Array(file));
    if (!variable.ok) throw new PortError('efi-variable-malformed', id.name);
    return variable.value;
  };

  /** Variables that the kernel does not know are immutable: lift that for the one act, and put it back. */
  const pastImmutable = async (id: VariableId, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (errnoOf(error) !== 'EPERM' || !(await setImmutable(pathOf(id), '-i'))) throw writeError(id, error);
      await act().catch((second: unknown) => {
        throw writeError(id, second);
      });
      await setImmutable(pathOf(id), '+i');
    }
  };

  const setImmutable = async (path: string, flag: '-i' | '+i'): Promise<boolean> => {
    const { exitCode } = await runCommand(chattr, [flag, path], { timeoutMs: CHATTR_TIMEOUT_MS });
    return exitCode === 0;
  };

  const requireDirectory = async (): Promise<void> => {
    await stat(root(DIRECTORY)).catch((error: unknown) => {
      throw new PortError('efivarfs-missing', `/${DIRECTORY}`, { cause: error });
    });
  };

  return {
    read,
    write: async (id, variable) => {
      await requireDirectory();
      await pastImmutable(id, () => writeOnce(pathOf(id), encodeEfiVariable(variable)));
      const kept = await read(id);
      if (kept === undefined || !Buffer.from(kept.value).equals(variable.value)) {
        throw new PortError('efi-read-back', id.name);
      }
    },
    remove: async id => {
      await pastImmutable(id, async () => {
        await unlink(pathOf(id)).catch((error: unknown) => {
          if (errnoOf(error) !== 'ENOENT') throw error;
        });
      });
    },
    writable: () => takesWrites(root, `/${DIRECTORY}`),
  };
}

const writeError = (id: VariableId, error: unknown): PortError =>
  new PortError(WRITE_ERRORS[errnoOf(error) ?? ''] ?? 'efivarfs-io', id.name, { cause: error });

/** Attributes and value in one write(2), as efivarfs demands; no O_TRUNC, which would be a change of its own. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o644);
  try {
    await file.write(bytes, 0, bytes.byteLength, 0);
    await dropOldTail(file, bytes.byteLength);
  } finally {
    await file.close();
  }
}

/** efivarfs sets the length itself; in a plain directory a longer old value would stick out behind the new one. */
async function dropOldTail(file: FileHandle, length: number): Promise<void> {
  if ((await file.stat()).size > length) await file.truncate(length);
}

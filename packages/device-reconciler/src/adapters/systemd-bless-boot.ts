// The verdict on the running boot, given by systemd-bless-boot.
// Touches: runs `systemd-bless-boot good|bad`; LoaderBootCountPath (read). Where the loader counted nothing at this boot
// the command refuses, and the entry is renamed in /boot/loader/entries as the command would have done.
// Privileges: write access to /boot.

import { badEntry, blessedEntry, type EntryName, formatEntryName, LOADER_VARIABLE } from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { BootAssessment } from '../ports/boot-assessment.ts';
import type { EfiVariables } from '../ports/efi-variables.ts';
import type { LoaderEntries } from '../ports/loader-entries.ts';
import { runCommand } from './command.ts';

const TIMEOUT_MS = 60_000;
const BOOT_COUNT_PATH = { name: 'LoaderBootCountPath', guid: LOADER_VARIABLE };

export interface BlessBootOptions {
  readonly command: readonly string[];
  readonly efiVariables: EfiVariables;
  readonly loaderEntries: LoaderEntries;
}

export function systemdBlessBoot({ command, efiVariables, loaderEntries }: BlessBootOptions): BootAssessment {
  const judge = async (verdict: 'good' | 'bad', booted: EntryName, judged: EntryName): Promise<void> => {
    if (formatEntryName(booted) === formatEntryName(judged)) return;
    const counted = (await efiVariables.read(BOOT_COUNT_PATH)) !== undefined;
    if (!counted) return loaderEntries.rename(booted, judged);
    const { exitCode, stderr } = await runCommand(command, [verdict], { timeoutMs: TIMEOUT_MS });
    if (exitCode !== 0) throw new PortError('bless-failed', `systemd-bless-boot ${verdict}`, { detail: stderr });
  };
  return {
    markGood: booted => judge('good', booted, blessedEntry(booted)),
    markBad: booted => judge('bad', booted, badEntry(booted)),
  };
}

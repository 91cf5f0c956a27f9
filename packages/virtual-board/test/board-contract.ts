// What every board does, whatever it is made of. A board in a virtual machine has to pass the same suite.

import {
  armTrial,
  commitTrial,
  EFI_GLOBAL_VARIABLE,
  efiVariableFileName,
  encodeEfiVariable,
  encodeOsIndications,
  encodeTrialBoot,
  FILE_CAPSULE_DELIVERY,
  isOnTrial,
  PERSISTENT_ATTRIBUTES,
  requestRollback,
  type TrialBoot,
  trialCount,
} from '@seatrial/capsule-plan';
import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Board, type BoardEvidence, nextEvent } from '../src/index.ts';

/** A fresh board that was never powered on, and what its suite needs to know of it. */
export interface BoardUnderTest {
  readonly board: Board;
  readonly stateroot: string;
  readonly remote: string;
  /** In the remote: what it left the factory with, one that is well, and one that never comes up. */
  readonly commits: { readonly factory: OstreeCommit; readonly next: OstreeCommit; readonly hanging: OstreeCommit };
  /** A genuine capsule, and the versions before and after it. */
  readonly capsule: Uint8Array;
  readonly versions: { readonly factory: FirmwareVersion; readonly next: FirmwareVersion };
}

export interface BoardMaker {
  readonly make: () => Promise<BoardUnderTest>;
  readonly close: () => Promise<void>;
  /** How long this kind of board may take from power to a running OS. */
  readonly bootDeadlineMs: number;
}

/** Registers the suite under `name`. */
export function describeBoard(name: string, { make, close, bootDeadlineMs }: BoardMaker): void {
  describe(`${name}, like every board`, () => {
    let subject: BoardUnderTest;
    beforeEach(async () => {
      subject = await make();
    });
    afterEach(() => subject.board.stop());
    afterAll(close);

    const booted = async (act: () => Promise<unknown>): Promise<BoardEvidence> => {
      const next = nextEvent(subject.board, 'booted', { deadlineMs: bootDeadlineMs });
      void act().catch(() => undefined); // a reboot may take the answer with it
      await next;
      return subject.board.inspect();
    };
    const powerOn = (): Promise<BoardEvidence> => booted(() => subject.board.powerOn());
    const reboot = (): Promise<BoardEvidence> => booted(() => subject.board.shell('systemctl reboot'));
    const run = async (script: string): Promise<string> => {
      const { exitCode, output } = await subject.board.shell(`set -e; ${script}`);
      expect({ script, exitCode }).toEqual({ script, exitCode: 0 });
      return output.trim();
    };

    const placeCapsule = async (trial: TrialBoot): Promise<void> => {
      const file = '$ROOT/boot/EFI/UpdateCapsule/update.cap';
      await run(`mkdir -p $ROOT/boot/EFI/UpdateCapsule; ${writing(subject.capsule, file)}`);
      await run(setVariable('OsTrialBootStatus', encodeTrialBoot(trial)));
      await run(setVariable('OsIndications', encodeOsIndications(FILE_CAPSULE_DELIVERY)));
    };
    const updateFirmware = async (maxCount: number): Promise<BoardEvidence> => {
      const { trial } = await powerOn();
      if (trial === undefined) throw new Error('the board has no trial variable');
      await placeCapsule(armTrial(trial, maxCount));
      return reboot();
    };
    const changeTrial = async (change: (trial: TrialBoot) => TrialBoot): Promise<void> => {
      const { trial } = await subject.board.inspect();
      if (trial === undefined) throw new Error('the board has no trial variable');
      await run(setVariable('OsTrialBootStatus', encodeTrialBoot(change(trial))));
    };
    const deployCounted = async (commit: OstreeCommit, tries: number): Promise<void> => {
      await run(`ostree --repo=$ROOT/ostree/repo pull ${subject.remote} ${commit}`);
      await run(`ostree admin --sysroot=$ROOT/ deploy --retain --os=${subject.stateroot} ${commit}`);
      await run(countNewestEntry(tries));
    };

    test('when power comes, then the factory system runs on the factory firmware', async () => {
      const { running, esrt, entries, deployments } = await powerOn();
      expect(running?.commit).toBe(subject.commits.factory);
      expect(esrt).toMatchObject({ fwVersion: subject.versions.factory, lastAttemptStatus: 0 });
      expect(entries.map(({ commit }) => commit)).toEqual([subject.commits.factory]);
      expect(deployments.map(({ commit }) => commit)).toEqual([subject.commits.factory]);
    });

    test('when the OS reboots, then the same system runs under a new boot id', async () => {
      const [before, after] = [await powerOn(), await reboot()];
      expect(after.running?.commit).toBe(before.running?.commit);
      expect(after.running?.bootId).not.toBe(before.running?.bootId);
      expect(after.firmwareStarts).toBe(before.firmwareStarts + 1);
    });

    test('when the power is cut, then nothing runs, and with power the board comes back', async () => {
      await powerOn();
      await run('mkdir -p $ROOT/var/lib/seatrial; echo kept >$ROOT/var/lib/seatrial/kept; sync');
      await run('echo lost >$ROOT/run/lost');
      await subject.board.cutPower();
      expect((await subject.board.inspect()).running).toBeUndefined();
      await powerOn();
      expect(await run('cat $ROOT/var/lib/seatrial/kept; test ! -e $ROOT/run/lost')).toBe('kept');
    });

    test('when a capsule is requested with a trial, then it is applied on trial, after one more reset', async () => {
      const before = await updateFirmware(3);
      expect(before.esrt).toMatchObject({
        fwVersion: subject.versions.next,
        lastAttemptVersion: subject.versions.next,
        lastAttemptStatus: 0,
      });
      expect(before.trial !== undefined && [isOnTrial(before.trial), trialCount(before.trial)]).toEqual([true, 1]);
      expect(before.capsules).toEqual([]);
      expect((before.osIndications ?? 0n) & FILE_CAPSULE_DELIVERY).toBe(0n);
      expect(before.firmwareStarts).toBe(3);
    });

    test('when the trial is used up, then the old firmware is back and the ESRT says so', async () => {
      await updateFirmware(3);
      await changeTrial(requestRollback);
      const { esrt, trial } = await reboot();
      expect(esrt).toMatchObject({
        fwVersion: subject.versions.factory,
        lastAttemptVersion: subject.versions.next,
        lastAttemptStatus: 0,
      });
      expect(trial !== undefined && isOnTrial(trial)).toBe(false);
    });

    test('when the OS commits the firmware, then the floor rises at the next power-on and not before', async () => {
      const updated = await updateFirmware(3);
      await changeTrial(commitTrial);
      expect((await subject.board.inspect()).esrt).toEqual(updated.esrt);
      expect((await reboot()).esrt?.lowestSupportedFwVersion).toBe(subject.versions.next);
    });

    test('when a counted system boots, then it is indeterminate until it is blessed', async () => {
      await powerOn();
      await deployCounted(subject.commits.next, 2);
      const { running, entries } = await reboot();
      expect(running?.commit).toBe(subject.commits.next);
      expect(entries[0]?.fileName).toMatch(/\+1-1\.conf$/);
      expect(await run('systemd-bless-boot status')).toBe('indeterminate');
      await run('systemd-bless-boot good');
      expect(await run('systemd-bless-boot status')).toBe('good');
      const after = await reboot();
      expect(after.running?.commit).toBe(subject.commits.next);
      expect(after.entries.map(({ fileName }) => fileName.includes('+'))).toEqual([false, false]);
    });

    test('when a counted system never comes up, then the factory system is back after its tries', async () => {
      await powerOn();
      await deployCounted(subject.commits.hanging, 2);
      const { running, entries } = await reboot();
      expect(running?.commit).toBe(subject.commits.factory);
      expect(entries.map(({ commit }) => commit)).toEqual([subject.commits.factory, subject.commits.hanging]);
      expect(entries[1]?.fileName).toMatch(/\+0-2\.conf$/);
    });
  });
}

const octal = (bytes: Uint8Array): string =>
  [...bytes].map(byte => String.raw`\0${byte.toString(8).padStart(3, '0')}`).join('');

const writing = (bytes: Uint8Array, file: string): string =>
  `echo ${Buffer.from(bytes).toString('base64')} | base64 -d >${file}`;

function setVariable(name: string, value: Uint8Array): string {
  const file = `$ROOT/sys/firmware/efi/efivars/${efiVariableFileName(name, EFI_GLOBAL_VARIABLE)}`;
  const bytes = octal(encodeEfiVariable({ attributes: PERSISTENT_ATTRIBUTES, value }));
  return `chattr -i ${file} 2>/dev/null || :; printf '%b' '${bytes}' >${file}`;
}

/** So many tries, whether libostree has counted by itself or not. */
const countNewestEntry = (tries: number): string =>
  `cd $ROOT/boot/loader/entries; newest=$(ls | sort -V | tail -n 1); ` +
  `id=$(basename "$newest" .conf); counted="\${id%%+*}+${tries}.conf"; ` +
  `test "$newest" = "$counted" || mv "$newest" "$counted"; cd /`;

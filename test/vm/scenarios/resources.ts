// The board's resources fail: file systems full and read-only, variables that can not be written, capsules of strangers, a clock
// in 1970, entries without tries. Every hold has a name, and passes when its cause does.

import type { WaitReason } from '@seatrial/capsule-plan';
import type { Stage } from '../host/stage.ts';
import { v } from '../host/workbench.ts';
import { expectRest, expectThat, rollAndAwait, type Scenario, startFromFactory } from './scenario.ts';

const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const EFIVARS = '/sys/firmware/efi/efivars';
const PAIR = { firmware: v(2), os: 'good' } as const;
const RELEASE = { firmware: { version: v(2) }, os: 'good' } as const;

async function onBoard(stage: Stage, script: string): Promise<void> {
  const { exitCode, output } = await stage.board.shell(`set -e; ${script}`);
  expectThat(stage, `on the board: ${script}`, { holds: exitCode === 0, seen: output });
}

const waitsFor = (stage: Stage, reason: WaitReason): Promise<unknown> =>
  stage.reported(`that it waits for ${reason}`, ({ step }) => step?.waitsFor === reason);

export const holds: Scenario = {
  name: 'holds-have-names',
  expected:
    'ESP read-only, efivarfs read-only, ESP full, a foreign capsule: each holds the board by name and lets it go',
  play: async stage => {
    await startFromFactory(stage);
    await onBoard(stage, 'mount -o remount,ro /boot');
    await stage.roll(RELEASE);
    await waitsFor(stage, 'esp-read-only');
    await onBoard(stage, `mount -o remount,ro ${EFIVARS}; mount -o remount,rw /boot`);
    await waitsFor(stage, 'efivarfs-read-only');
    await onBoard(stage, 'mkdir -p /boot/EFI/UpdateCapsule; echo strange >/boot/EFI/UpdateCapsule/vendor.cap');
    await onBoard(
      stage,
      `fallocate -l $(( $(df --output=avail -B1 /boot | tail -1) - 4096 )) /boot/fill; mount -o remount,rw ${EFIVARS}`,
    );
    await waitsFor(stage, 'esp-full');
    await onBoard(stage, 'rm /boot/fill');
    await waitsFor(stage, 'foreign-capsule');
    await onBoard(stage, 'rm /boot/EFI/UpdateCapsule/vendor.cap');
    await stage.reported(
      'that it has converged',
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    await expectRest(stage, PAIR);
  },
};

export const fullVariables: Scenario = {
  name: 'efivarfs-full',
  expected: 'no room for variables: the board names it, tries again, and goes on when there is room',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    // The kernel keeps 5 KiB back; the firmware refuses the rest.
    await board.shell(`
      n=0; while [ $n -lt 200 ]; do
        { printf '\\007\\000\\000\\000'; head -c 4000 /dev/zero; } >${EFIVARS}/Fill$n-5ea71a1f-b0a2-4d00-8d01-000000000000 || break
        n=$((n + 1)); done 2>/dev/null
      n=0; while [ $n -lt 200 ]; do
        { printf '\\007\\000\\000\\000'; head -c 16 /dev/zero; } >${EFIVARS}/Rest$n-5ea71a1f-b0a2-4d00-8d01-000000000000 || break
        n=$((n + 1)); done 2>/dev/null`);
    const from = board.log.length;
    await stage.roll(RELEASE);
    await board.says(/efivarfs-full/, { from });
    await onBoard(
      stage,
      `chattr -i ${EFIVARS}/Fill* ${EFIVARS}/Rest* 2>/dev/null || true; rm -f ${EFIVARS}/Fill* ${EFIVARS}/Rest*`,
    );
    await stage.reported(
      'that it has converged',
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    await expectRest(stage, PAIR);
  },
};

/** EFI_OS_INDICATIONS_CAPSULE_RESULT_VAR_SUPPORTED: somebody else's wish, without consequences. */
const OTHER_BIT = 0x10n;

export const otherBits: Scenario = {
  name: 'os-indications-other-bits',
  expected: 'bits of OsIndications that others have set are still set afterwards',
  play: async stage => {
    await startFromFactory(stage);
    const file = `${EFIVARS}/OsIndications-${GLOBAL}`;
    await onBoard(
      stage,
      `chattr -i ${file} 2>/dev/null || true; printf '\\007\\000\\000\\000\\020\\000\\000\\000\\000\\000\\000\\000' >${file}`,
    );
    await rollAndAwait(stage, RELEASE, 'converged');
    const { osIndications = 0n } = await expectRest(stage, PAIR);
    expectThat(stage, 'the other bit is there', { holds: osIndications === OTHER_BIT, seen: osIndications });
  },
};

export const staleRow: Scenario = {
  name: 'esrt-stale',
  expected: 'the firmware drops the capsule and leaves its ESRT row alone: reported as ignored, not as done',
  play: async stage => {
    await startFromFactory(stage);
    await stage.board.firmwareWill({ kind: 'stale-row' });
    const report = await rollAndAwait(stage, RELEASE, 'failed');
    const reasons = report.failures.map(({ failure }) => failure.reason);
    expectThat(stage, 'the reason is capsule-ignored', { holds: reasons.join() === 'capsule-ignored', seen: reasons });
    await expectRest(stage, stage.factory);
  },
};

export const clock1970: Scenario = {
  name: 'clock-1970',
  expected: 'the real-time clock says 1970 at power-on: the board still updates, and its reports keep their order',
  play: async stage => {
    await stage.board.powerOn('1970-01-01');
    await stage.board.comesUp({ from: 0 });
    await rollAndAwait(stage, RELEASE, 'converged');
    await expectRest(stage, PAIR);
    const sequences = stage.reports.map(({ sequence }) => sequence);
    const grows = sequences.every((sequence, index) => index === 0 || sequence >= (sequences[index - 1] ?? 0));
    expectThat(stage, 'sequences only grow', { holds: grows, seen: sequences });
  },
};

export const zeroTries: Scenario = {
  name: 'zero-tries-still-boots',
  expected: 'the only entry is out of tries and boots all the same: nothing is risked until somebody blesses it',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    const from = board.log.length;
    await onBoard(
      stage,
      `cd /boot/loader/entries; for f in *.conf; do mv "$f" "$(basename "$f" .conf)+0-3.conf"; done; sync; systemctl --no-block reboot`,
    );
    await board.comesUp({ from });
    await stage.roll(RELEASE);
    await waitsFor(stage, 'no-blessed-deployment');
    await onBoard(
      stage,
      `cd /boot/loader/entries; for f in *.conf; do mv "$f" "$(basename "$f" +0-3.conf).conf"; done; sync`,
    );
    await stage.reported(
      'that it has converged',
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    await expectRest(stage, PAIR);
  },
};

export const lostBlessing: Scenario = {
  name: 'blessing-lost',
  expected: 'the first blessing is lost after it was given: it is noticed and given again',
  play: async stage => {
    await startFromFactory(stage);
    await rollAndAwait(stage, { firmware: { version: v(2) }, os: 'forgetful' }, 'converged');
    const lost = stage.board.log.matching(/TEST-BOARD loses a blessing/);
    expectThat(stage, 'one blessing was lost', { holds: lost.length === 1, seen: lost });
    await expectRest(stage, { firmware: v(2), os: 'forgetful' });
  },
};

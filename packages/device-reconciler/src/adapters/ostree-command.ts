// OSTree through its command.
// Touches: runs `ostree --version`, `ostree admin deploy --retain`, `ostree admin undeploy`, which write /ostree and
// /boot; entries in /boot/loader/entries (renamed back where libostree dropped their counters); and what ostree-pull.ts
// and ostree-deployments.ts list. Privileges: root.

import { type Deployment, entryState } from '@seatrial/capsule-plan';
import type { OstreeCommit } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { LoaderEntries } from '../ports/loader-entries.ts';
import type { DeploymentId, Ostree } from '../ports/ostree.ts';
import type { Timer } from '../ports/timer.ts';
import type { BoardRoot } from './board-root.ts';
import { runCommand } from './command.ts';
import { bootCountingTries } from './ostree-config.ts';
import { readDeployments } from './ostree-deployments.ts';
import { hasWholeCommit, pullCommit } from './ostree-pull.ts';

const DEPLOY_TIMEOUT_MS = 30 * 60_000;
/** The first libostree that writes counters into the names of entries. */
const COUNTS_SINCE = [2025, 3] as const;

export interface OstreeCommandOptions {
  readonly root: BoardRoot;
  readonly command: readonly string[];
  readonly loaderEntries: LoaderEntries;
  /** On this machine, not relative to the board's root. */
  readonly runDirectory: string;
  readonly stallMs: number;
  readonly timer: Timer;
}

export function ostreeCommand(options: OstreeCommandOptions): Ostree {
  const { root, command, loaderEntries } = options;
  const deployments = () => readDeployments(options);
  let version: Promise<string> | undefined;
  const versionOnce = () => (version ??= readVersion(command));

  const admin = async (words: readonly string[], what: string): Promise<void> => {
    const { exitCode, stderr } = await runCommand(command, ['admin', `--sysroot=${root('/')}`, ...words], {
      timeoutMs: DEPLOY_TIMEOUT_MS,
    });
    if (exitCode !== 0) throw new PortError('ostree-failed', what, { detail: stderr });
  };

  /** Until 2025.3 libostree writes all entries anew, without counters: a bad entry would look good again. */
  const keepingCounters = async (act: () => Promise<void>): Promise<void> => {
    const counted = (await deployments()).filter(({ entry }) => entry !== undefined && entryState(entry) !== 'good');
    await act();
    for (const now of await deployments()) {
      const before = counted.find(deployment => isSame(deployment, now))?.entry;
      if (before === undefined || now.entry === undefined || now.entry.triesLeft !== undefined) continue;
      await loaderEntries.rename(now.entry, { ...before, id: now.entry.id });
    }
  };

  /** `undeploy` counts every entry of OSTree's: one that leads nowhere would shift the numbers. */
  const requireOstreeNumbering = async (): Promise<void> => {
    const entries = (await loaderEntries.list()).filter(({ ostree }) => ostree !== undefined);
    if (entries.length !== (await deployments()).length) {
      throw new PortError('ostree-failed', 'loader/entries', { detail: 'an entry leads to no deployment' });
    }
  };

  return {
    deployments,
    hasCommit: commit => hasWholeCommit(root, commit),
    countsBoots: async () => (await bootCountingTries(root)) > 0 && countsBoots(await versionOnce()),
    pull: (source, pullOptions) => pullCommit(options, source, pullOptions),
    deploy: (commit: OstreeCommit, stateroot: string) =>
      keepingCounters(() =>
        admin(['deploy', `--os=${stateroot}`, '--retain', commit], `deploy ${commit.slice(0, 10)}`),
      ),
    undeploy: async id => {
      const target = (await deployments()).find(deployment => isSame(deployment, id));
      const what = `deployment ${id.commit.slice(0, 10)}.${id.serial}`;
      if (target === undefined) throw new PortError('deployment-missing', what);
      if (target.booted) throw new PortError('deployment-booted', what);
      await requireOstreeNumbering();
      await keepingCounters(() => admin(['undeploy', String(target.index)], `undeploy ${what}`));
    },
  };
}

const isSame = (a: DeploymentId | Deployment, b: DeploymentId | Deployment): boolean =>
  a.commit === b.commit && a.serial === b.serial;

async function readVersion(command: readonly string[]): Promise<string> {
  const { stdout } = await runCommand(command, ['--version'], { timeoutMs: 30_000 });
  return stdout;
}

/** `ostree --version` prints YAML. */
export function countsBoots(versionYaml: string): boolean {
  const [, year, release] = /^\s*Version: '?(\d+)\.(\d+)/m.exec(versionYaml) ?? [];
  const [sinceYear, sinceRelease] = COUNTS_SINCE;
  return Number(year) > sinceYear || (Number(year) === sinceYear && Number(release) >= sinceRelease);
}

// The branch of snapshots: one commit, written with `git fast-import` in our own mirror and pushed by force.
//
// Runs: git fast-import, push. Writes: the branch in the configured repository, and nothing else there.

import { PortError } from '../errors.ts';
import type { SnapshotBranch } from '../ports/snapshot-branch.ts';
import { CONTROLLER, dataPart, receiver } from './git-audit-log.ts';
import { type Git, orElse, withoutCredentials } from './git-command.ts';
import { broken } from './git-repository.ts';

const WRITTEN = 'refs/seatrial/snapshot-next';

export const gitSnapshotBranch = (git: Git, branch: string): SnapshotBranch => ({
  put: async ({ path, bytes, atMs }) => {
    const parts = [
      `reset ${WRITTEN}\n\ncommit ${WRITTEN}\n`,
      `committer ${CONTROLLER} ${Math.floor(atMs / 1000)} +0000\n`,
      ...dataPart(Buffer.from('What the boards report\n\n[skip ci]\n')),
      `M 100644 inline ${path}\n`,
      ...dataPart(bytes),
      '\ndone\n',
    ];
    await orElse(git.run(['fast-import', '--quiet', '--force'], Buffer.concat(parts.map(toBuffer))), broken(git));
    await push(git, branch);
  },
});

const toBuffer = (part: string | Uint8Array): Buffer => Buffer.from(part);

async function push(git: Git, branch: string): Promise<void> {
  const { repository } = git.options;
  const refspec = `+${WRITTEN}:refs/heads/${branch}`;
  await orElse(git.run(['push', '--quiet', ...receiver(repository), '--', repository, refspec]), failure => {
    const place = `${withoutCredentials(repository)} ${branch}`;
    return new PortError('snapshot-unreachable', place, { detail: failure.message, cause: failure });
  });
}

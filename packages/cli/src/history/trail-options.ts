// The options by which a command that reads git's memory is told which repository and branches.

import type { Command } from 'commander';

export interface TrailOptions {
  readonly repository?: string;
  readonly directory: string;
  readonly branch: string;
  readonly auditBranch: string;
  readonly acceptRewritten?: boolean;
}

export const withTrailOptions = (command: Command): Command =>
  command
    .option(
      '--repository <path-or-url>',
      'what the controller follows; default: origin of this repository, or this one',
    )
    .option('--directory <dir>', 'where in the repository the fleet lies', '')
    .option('--branch <name>', 'the branch that the controller follows', 'main')
    .option('--audit-branch <name>', 'the branch of its decisions', 'seatrial/audit')
    .option('--accept-rewritten', 'go on although the audit branch was rewritten since it was last read here');

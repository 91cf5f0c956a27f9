// `seatrial controller`: the daemon that watches git and steers the fleets.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';

export const controllerCommand = (cli: Cli): Command =>
  houseCommand('controller', {
    summary: 'run the controller',
    description:
      'Watches a git repository, validates each commit, advances the rollouts, publishes signed plans over MQTT, takes the boards’ ' +
      'reports, and answers over HTTP. Ends in good order on SIGTERM; killed at any moment it loses nothing.',
    examples: [{ goal: 'In the foreground', line: 'seatrial controller --config /etc/seatrial/controller.yaml' }],
    exitCodes: { 0: 'it was asked to end', 2: 'it could not start' },
  })
    .requiredOption('--config <file>', 'its configuration, YAML')
    .action(async ({ config }: { readonly config: string }) => {
      const { runController } = await import('../fleet/run-controller.ts');
      await runController(cli, config);
    });

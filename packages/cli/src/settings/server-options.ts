// The options by which every command that asks a controller can be told which one.

import type { Command } from 'commander';

export interface ServerOptions {
  readonly server?: string;
  readonly tokenFile?: string;
}

export const withServerOptions = (command: Command): Command =>
  command
    .option('--server <url>', 'address of the controller (also: SEATRIAL_SERVER)')
    .option('--token-file <file>', 'a file with the token for orders (also: SEATRIAL_TOKEN)');

// Questions to the controller, and its refusals as failures of the command. Of the controller only its client is loaded.

import { type ClientError, type ControllerClient, controllerClient } from '@seatrial/controller/client';
import type { Result } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { CliError, ForeignError } from '../errors.ts';
import { resolveServer } from '../settings/resolve-server.ts';
import type { ServerOptions } from '../settings/server-options.ts';

/** The controller that the options, the environment or the settings name. */
export const askController = (cli: Cli, options: ServerOptions): ControllerClient =>
  controllerClient(resolveServer(cli, options));

/** The answer, or the failure of the command: the controller's own code where it gave one. */
export async function answer<T>(question: Promise<Result<T, ClientError>>): Promise<T> {
  const result = await question;
  if (result.ok) return result.value;
  const { code, message } = result.error;
  if (code === 'controller-unreachable') throw new CliError('server-unreachable', message);
  if (code === 'answer-malformed') throw new CliError('server-answer-malformed', message);
  throw new ForeignError(result.error);
}

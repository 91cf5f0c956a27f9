import { join } from 'node:path';
import { agentCommand } from '@seatrial/device-reconciler';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { agentCommand as houseAgent } from '../src/commands/agent.ts';
import { runCli, silentCli } from './support/run-cli.ts';
import { directoryWith } from './support/workspace.ts';

const surface = (command: Command): object => ({
  name: command.name(),
  options: command.options.map(({ flags, defaultValue }) => ({ flags, defaultValue: defaultValue as unknown })),
  commands: command.commands.map(surface),
});

describe('when the agent is asked through the command', () => {
  test('then the words and options are those of the agent itself', () => {
    expect(surface(houseAgent(silentCli()))).toEqual(surface(agentCommand(silentCli())));
  });

  test('then its failures come with its own codes', async () => {
    const missing = join(directoryWith({}), 'agent.yaml');
    const { code, out, err } = await runCli(['agent', 'status', '--config', missing, '-o', 'json']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'config-unreadable', remedy: expect.any(String) } });
  });

  test('then a wrong configuration is shown with its places', async () => {
    const root = directoryWith({ 'agent.yaml': 'device: a/b\nharbour: 1\n' });
    const { code, err } = await runCli(['agent', 'why', '--config', join(root, 'agent.yaml')]);
    expect(code).toBe(2);
    expect(err).toMatch(/agent\.yaml:1:9 error/);
    expect(err).toContain('error config-invalid');
  });
});

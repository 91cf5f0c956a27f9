import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { emptyDirectory } from './support/workspace.ts';

const complete = async (...words: string[]): Promise<readonly string[]> =>
  (await runCli(['complete', '--', ...words])).out.split('\n').filter(word => word !== '');

describe('when the shell asks what may follow', () => {
  test('then commands are offered by their beginning, hidden ones never', async () => {
    expect(await complete('val')).toEqual(['validate']);
    expect(await complete('')).toEqual(expect.arrayContaining(['validate', 'plan', 'sign', 'completion', 'help']));
    expect(await complete('comple')).toEqual(['completion']);
  });

  test('then options of the command and of the program are offered', async () => {
    expect(await complete('plan', '--')).toEqual(
      expect.arrayContaining(['--observed', '--device', '--no-color', '--help']),
    );
    expect(await complete('plan', 'fleets', '--obs')).toEqual(['--observed']);
  });

  test('then the choices of an option or an argument are offered', async () => {
    expect(await complete('validate', '-o', '')).toEqual(['text', 'json']);
    expect(await complete('validate', '--output', 'j')).toEqual(['json']);
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('then nothing is offered where a file belongs', async () => {
    expect(await complete('plan', '--observed', '')).toEqual([]);
    expect(await complete('sign', 'x')).toEqual([]);
  });
});

describe('when bash loads the script', () => {
  test('then it completes through the command, and falls back to files', () => {
    const bin = emptyDirectory();
    mkdirSync(join(bin, 'work'));
    writeFileSync(join(bin, 'work/observed.json'), '');
    const seatrial = join(import.meta.dirname, '../bin/seatrial.js');
    writeFileSync(join(bin, 'seatrial'), `#!/bin/sh\nexec "${process.execPath}" "${seatrial}" "$@"\n`, { mode: 0o755 });
    const script = `
      source <(seatrial completion bash)
      COMP_WORDS=(seatrial vali); COMP_CWORD=1; _seatrial; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(seatrial plan --observed obs); COMP_CWORD=3; _seatrial; echo "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script], {
      cwd: join(bin, 'work'),
      encoding: 'utf8',
      env: { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) },
    });
    expect(stdout).toBe('validate\nobserved.json\n');
  });
});

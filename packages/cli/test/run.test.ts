import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI_ERRORS, CliError, createProgram, lessonOf } from '../src/index.ts';
import { withDescendants } from '../src/program.ts';
import { reportFailure } from '../src/report-failure.ts';
import { VERSION } from '../src/version.ts';
import { runCli, silentCli } from './support/run-cli.ts';

const failing = async (argv: readonly string[]) => {
  const { code, out, err } = await runCli(argv);
  return { code, out, error: (JSON.parse(err) as { error: { code: string; remedy: string } }).error };
};

describe('when the command line is wrong', () => {
  test.each([
    [['sail', '-o', 'json']],
    [['validate', '--output=json', '--swiftly']],
    [['plan', '-ojson']],
    [['validate', 'a', 'b', '--output', 'json']],
    [['completion', 'tcsh', '-o', 'json']],
  ])('then %j ends with 2, a code and a remedy', async argv => {
    expect(await failing(argv)).toEqual({
      code: 2,
      out: '',
      error: expect.objectContaining({ code: 'usage', remedy: CLI_ERRORS.usage.remedy }),
    });
  });

  test('then people are told the same in words', async () => {
    const { code, out, err } = await runCli(['valdate']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error usage: .*valdate.*validate/);
    expect(err).toContain(CLI_ERRORS.usage.remedy);
  });
});

describe('when help is asked for', () => {
  test.each([[[]], [['--help']], [['help']], [['validate', '--help']], [['help', 'validate']]])(
    'then %j prints it to standard output and ends with 0',
    async argv => {
      const { code, out, err } = await runCli(argv);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('Usage: seatrial');
    },
  );

  test('then every command teaches by example, and says how it ends', async () => {
    const commands = withDescendants(programOf()).filter(one => one.commands.length === 0 && !isPlumbing(one.name()));
    const taught = commands.flatMap(command => lessonOf(command) ?? []);
    expect(taught).toHaveLength(commands.length);
    for (const { examples, exitCodes } of taught) {
      expect(examples).not.toHaveLength(0);
      expect(Object.keys(exitCodes)).not.toHaveLength(0);
    }
  });
});

const isPlumbing = (name: string): boolean => name === 'complete' || name === 'help';

describe('when the version is asked for', () => {
  test('then it is that of the package', async () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string;
    };
    expect(VERSION).toBe(manifest.version);
    expect((await runCli(['--version'])).out.trim()).toBe(VERSION);
    expect(JSON.parse((await runCli(['version', '-o', 'json'])).out)).toMatchObject({ seatrial: VERSION });
  });
});

describe('when something fails', () => {
  test('then nothing in its message can steer the terminal', async () => {
    const { err } = await runCli(['validate', '\u001B[2J\u202Eevil']);
    for (const steering of ['\u001B', '\u202E']) expect(err).not.toContain(steering);
    expect(err).toContain('evil');
  });

  test('then a defect is reported as one, with its stack on demand', async () => {
    const written: string[] = [];
    const cli = fakeCli(written, { SEATRIAL_DEBUG: '1' });
    expect(reportFailure(cli, [], new Error('impossible'))).toBe(2);
    expect(written.join('')).toContain('error defect: impossible');
    expect(written.join('')).toContain('run.test.ts');
  });

  test('then errors that bring their own code and remedy are shown with them', () => {
    const written: string[] = [];
    reportFailure(fakeCli(written), [], Object.assign(new Error('m'), { code: 'of-another-package', remedy: 'do so' }));
    expect(written.join('')).toBe('error of-another-package: m\n  do so\n');
    expect(new CliError('usage', 'm').code).toBe('usage');
  });
});

function fakeCli(written: string[], env: Record<string, string> = {}) {
  const err = { write: (text: string) => void written.push(text), isTerminal: false, colors: false, columns: 80 };
  return silentCli({ err, env });
}

const programOf = () => createProgram(silentCli());

import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { makeKeys } from './support/trust.ts';
import { emptyDirectory, fleetCopy } from './support/workspace.ts';

let keys = '';
let fleet = '';
const keyFile = (role: string): string => join(keys, `k-${role}.key`);
const release = (): string => join(fleet, 'tug-1.yaml');

beforeEach(async () => {
  keys = emptyDirectory();
  fleet = fleetCopy();
  writeFileSync(join(fleet, 'root.yaml'), await makeKeys(keys));
});

const issueCodes = async (): Promise<readonly string[]> => {
  const { out } = await runCli(['validate', fleet, '-o', 'json', '--require-signatures']);
  return (JSON.parse(out) as { issues: { code: string; file: string }[] }).issues.map(
    ({ code, file }) => `${file} ${code}`,
  );
};

const failureOf = async (argv: readonly string[]): Promise<string> => {
  const { code, out, err } = await runCli([...argv, '-o', 'json']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  return (JSON.parse(err) as { error: { code: string } }).error.code;
};

describe('when a key is made', () => {
  test('then its private half is readable by its owner alone', () => {
    expect(statSync(keyFile('vendor')).mode & 0o777).toBe(0o600);
  });

  test('then it is never overwritten', async () => {
    const before = readFileSync(keyFile('vendor'), 'utf8');
    expect(await failureOf(['keygen', 'k-vendor', '-d', keys])).toBe('key-exists');
    expect(readFileSync(keyFile('vendor'), 'utf8')).toBe(before);
  });

  test('then a name that no TrustRoot may have is refused', async () => {
    expect(await failureOf(['keygen', '../evil', '-d', keys])).toBe('usage');
  });
});

describe('when every role has signed', () => {
  test('then validation with required signatures passes', async () => {
    expect((await runCli(['sign', release(), '--key', keyFile('vendor')])).code).toBe(0);
    expect(await issueCodes()).toContain('tug-1.dsse.json signature-under-threshold');
    expect((await runCli(['sign', release(), '--key', keyFile('operator')])).code).toBe(0);
    await runCli(['sign', join(fleet, 'tug-2.yaml'), '--key', keyFile('vendor'), keyFile('operator')]);
    await runCli(['sign', join(fleet, 'root.yaml'), '--key', keyFile('root')]);
    expect(await issueCodes()).toEqual([]);
  });

  test('then comments and layout of the document may still change', async () => {
    await runCli(['sign', release(), '--key', keyFile('vendor'), keyFile('operator')]);
    appendFileSync(release(), '# a comment\n');
    expect((await issueCodes()).filter(issue => issue.startsWith('tug-1'))).toEqual([]);
  });

  test('then signing again with the same key leaves one signature by it', async () => {
    await runCli(['sign', release(), '--key', keyFile('vendor')]);
    const { out } = await runCli(['sign', release(), '--key', keyFile('vendor'), '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({ kind: 'Release', name: 'tug-1', signatures: ['k-vendor'] });
  });
});

describe('when a document has changed after it was signed', () => {
  beforeEach(async () => {
    await runCli(['sign', release(), '--key', keyFile('vendor')]);
    appendFileSync(release(), '  notes: changed\n');
  });

  test('then further signatures are refused, and the old ones kept', async () => {
    const before = readFileSync(join(fleet, 'tug-1.dsse.json'), 'utf8');
    expect(await failureOf(['sign', release(), '--key', keyFile('operator')])).toBe('signature-outdated');
    expect(readFileSync(join(fleet, 'tug-1.dsse.json'), 'utf8')).toBe(before);
  });

  test('then the old ones are dropped on demand', async () => {
    const { out } = await runCli(['sign', release(), '--key', keyFile('operator'), '--replace', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({ signatures: ['k-operator'] });
  });
});

describe('when nothing can be signed', () => {
  test.each([
    ['document-unreadable', () => join(fleet, 'missing.yaml')],
    ['document-not-signable', () => join(fleet, 'harbour.yaml')],
    ['document-not-signable', () => keyFile('vendor')],
    [
      'document-invalid',
      () => {
        writeFileSync(release(), readFileSync(release(), 'utf8').replace('0.0.1.1', '9.9'));
        return release();
      },
    ],
    [
      'signature-unreadable',
      () => {
        writeFileSync(join(fleet, 'tug-1.dsse.json'), '{');
        return release();
      },
    ],
  ])('then %s says why', async (code, file) => {
    expect(await failureOf(['sign', file(), '--key', keyFile('vendor')])).toBe(code);
  });

  test('then keys of another type and files without a key are told apart', async () => {
    const rsa = join(keys, 'rsa.key');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(rsa, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(await failureOf(['sign', release(), '--key', rsa])).toBe('key-not-ed25519');
    expect(await failureOf(['sign', release(), '--key', join(keys, 'k-vendor.pub')])).toBe('key-unreadable');
    expect(await failureOf(['sign', release(), '--key', join(keys, 'missing.key')])).toBe('key-unreadable');
    expect(existsSync(join(fleet, 'tug-1.dsse.json'))).toBe(false);
  });
});

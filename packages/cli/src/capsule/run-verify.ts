// `inspect` and `verify`: a capsule taken apart, and judged.

import { resolve } from 'node:path';
import {
  type CapsuleLayer,
  EDK2_POLICY,
  findTarget,
  judgeForEsrt,
  readFromSource,
  strictPolicy,
  summarizeCapsule,
  type VerifyPolicy,
} from '@seatrial/capsule-plan/capsule';
import { type Guid, parseGuid } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { type Format, printJson } from '../output/format.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';
import { capsuleJson, capsuleTree } from './describe-capsule.ts';
import { type EsrtTable, readEsrtTable } from './esrt-directory.ts';
import { CapsuleFailure } from './failure.ts';
import { judgeFile, readAnchors } from './judge-file.ts';
import { SourceFile } from './source-file.ts';

/** Layers at which a capsule may be whole and yet not one of Qualcomm's. */
const OTHER_PAYLOADS: ReadonlySet<CapsuleLayer> = new Set(['capsule', 'payload']);

/** Shows what is there, whoever signed it; looks at nothing behind a signature that is wrong in itself. */
export async function runInspect(cli: Cli, path: string, output: Format): Promise<ExitCode> {
  const policy: VerifyPolicy = { ...EDK2_POLICY, unsigned: 'accept', drivers: 'accept' };
  const judged = await judgeFile(cli, resolve(cli.cwd, path), { trust: { kind: 'unjudged' }, policy });
  const opaque = judged.kind === 'refused' && OTHER_PAYLOADS.has(judged.error.layer);
  // U-Boot's capsules carry payloads that are no firmware volumes; they are shown as far as they have a form.
  const verdict = opaque
    ? await judgeFile(cli, resolve(cli.cwd, path), {
        trust: { kind: 'unjudged' },
        policy: { ...policy, body: 'opaque' },
      })
    : judged;
  if (output === 'json') {
    printJson(cli, {
      file: path,
      ...(verdict.capsule === undefined ? {} : { capsule: capsuleJson(verdict.capsule) }),
      ...(verdict.kind === 'refused' ? { stopped: verdict.error } : {}),
    });
  } else cli.out.write(capsuleTree(verdict, printable(path)));
  return verdict.kind === 'accepted' ? 0 : 1;
}

export interface VerifyCommandOptions {
  readonly trust: readonly string[];
  readonly policy: 'edk2' | 'strict';
  readonly at?: string;
  readonly target?: string;
  readonly guid?: string;
  readonly index?: number;
  readonly esrt?: string;
  readonly allowUnsigned?: boolean;
  readonly allowDrivers?: boolean;
  readonly opaque?: boolean;
  readonly output: Format;
}

/** One line for people: the same words in JSON. */
interface Answer {
  readonly verdict: 'accepted' | 'refused';
  readonly code?: string;
  readonly layer?: string;
  readonly detail?: string;
  readonly change?: string;
  readonly lastAttemptStatus?: number | undefined;
}

export async function runVerify(cli: Cli, path: string, options: VerifyCommandOptions): Promise<ExitCode> {
  const table = options.esrt === undefined ? undefined : await readEsrtTable(resolve(cli.cwd, options.esrt));
  const expectedGuid = expectedGuidOf(options) ?? table?.entry.fwClass;
  const anchors = await readAnchors(options.trust.map(anchor => resolve(cli.cwd, anchor)));
  const verdict = await judgeFile(cli, resolve(cli.cwd, path), {
    trust: { kind: 'anchors', anchors },
    policy: policyOf(cli, options),
    expectedGuid,
    expectedIndex: options.index,
  });
  const answer: Answer =
    verdict.kind === 'refused'
      ? { verdict: 'refused', ...verdict.error }
      : table === undefined
        ? { verdict: 'accepted' }
        : await judgeForBoard(resolve(cli.cwd, path), table);
  if (options.output === 'json') printJson(cli, { file: path, ...answer });
  else cli.out.write(renderAnswer(cli, path, answer));
  return answer.verdict === 'accepted' ? 0 : 1;
}

function expectedGuidOf({ target, guid }: VerifyCommandOptions): Guid | undefined {
  if (target !== undefined) {
    const found = findTarget(target);
    if (found === undefined) throw new CapsuleFailure('TARGET_UNKNOWN', `(${target})`);
    return found.esrtGuid;
  }
  const parsed = guid === undefined ? undefined : parseGuid(guid);
  if (guid !== undefined && parsed === undefined) throw new CapsuleFailure('CONFIG_VALUE', `(${guid} is not a GUID)`);
  return parsed;
}

function policyOf(cli: Cli, options: VerifyCommandOptions): VerifyPolicy {
  const atMs = options.at === undefined ? cli.clock.now() : Date.parse(options.at);
  if (Number.isNaN(atMs)) throw new CapsuleFailure('CONFIG_VALUE', `(${options.at} is not a time)`);
  return {
    ...(options.policy === 'strict' ? strictPolicy(atMs) : EDK2_POLICY),
    ...(options.allowUnsigned === true ? { unsigned: 'accept' as const } : {}),
    ...(options.allowDrivers === true ? { drivers: 'accept' as const } : {}),
    ...(options.opaque === true ? { body: 'opaque' as const } : {}),
  };
}

async function judgeForBoard(path: string, { entry, others }: EsrtTable): Promise<Answer> {
  const file = await SourceFile.open(path);
  try {
    const summary = await readFromSource(range => file.readAt(range), summarizeCapsule(file.sizeBytes));
    const applicable = summary.ok ? judgeForEsrt(summary.value, entry, others) : summary;
    return applicable.ok
      ? { verdict: 'accepted', change: applicable.value.change, lastAttemptStatus: 0 }
      : { verdict: 'refused', ...applicable.error };
  } finally {
    await file.close();
  }
}

function renderAnswer({ out }: Cli, path: string, answer: Answer): string {
  if (answer.verdict === 'accepted')
    return `${printable(path)}: ${paint(out, 'good', 'accepted')}${answer.change === undefined ? '' : ` (${answer.change})`}\n`;
  const reply =
    answer.lastAttemptStatus === undefined
      ? ''
      : `\n  the firmware would answer last_attempt_status ${answer.lastAttemptStatus}`;
  const reason = printable(`${answer.code} (layer ${answer.layer}): ${answer.detail}`);
  return `${printable(path)}: ${paint(out, 'bad', 'refused')} ${reason}${reply}\n`;
}

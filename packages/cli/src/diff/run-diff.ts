// Reads both sides and the snapshot, reviews, and prints.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Changes,
  changesOf,
  DEFAULT_POLICY,
  parsePolicy,
  type Review,
  type ReviewPolicy,
  readSide,
  renderReview,
  reviewChange,
  reviewJson,
  withPolicyIssues,
} from '@seatrial/controller/review';
import { defaultCacheFolder, type Name, openDiskCache, POLICY_FILE, parseName, renderIssue } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { orControllerFailure } from '../controller-failure.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { resolveDirectory } from '../validate/resolve-directory.ts';
import { lookAtArtifacts } from './look-at-artifacts.ts';
import { readObserved } from './read-observed.ts';
import { type RawSide, type RawSides, type Revisions, readSides } from './read-sides.ts';
import { keepYoungGenerationSmall } from './small-young-generation.ts';

export async function runDiff(cli: Cli, revisions: Revisions, options: DiffOptions): Promise<ExitCode> {
  keepYoungGenerationSmall();
  const directory = options.directory.replace(/^\.\/|\/+$/g, '');
  const raw = await orControllerFailure(readSides(cli, revisions, directory));
  const review = await reviewSides(cli, raw, { ...options, directory });
  if (options.output === 'json') printJson(cli, reviewJson(review));
  else cli.out.write(renderReview(review, { format: options.output }));
  if (review.verdict.kind === 'invalid') throw new CliError('desired-state-invalid', `${revisions.head} has errors`);
  return review.verdict.kind === 'nothing' ? 0 : 1;
}

async function reviewSides(cli: Cli, raw: RawSides, options: DiffOptions): Promise<Review> {
  const nowMs = cli.clock.now();
  const cache = openDiskCache(raw.cacheKey, defaultCacheFolder(cli.env));
  const base = readSide(raw.base, { nowMs, cache });
  const head = withPolicyIssues(readSide(raw.head, { nowMs, cache }));
  cache.save();
  const changes = changesOf({ base, head });
  const snapshot = readObserved(cli, options.observed, changes?.boards ?? new Set());
  const { gitCommit } = snapshot;
  return reviewChange({
    base,
    head,
    changes,
    snapshot,
    policy: readPolicy(cli, options, raw.base),
    nowMs,
    directory: options.directory,
    repository: raw.origin,
    snapshotAge: gitCommit === undefined ? undefined : await orControllerFailure(raw.ageOf(gitCommit)),
    artifacts: await readArtifacts(cli, options, changes),
    approvedBy: (options.approvedBy ?? []).map(roleOf),
    policyChanged: !sameBytes(policyBytes(raw.base), policyBytes(raw.head)),
  });
}

const readArtifacts = async (cli: Cli, { artifacts }: DiffOptions, changes: Changes | undefined) =>
  artifacts === undefined || changes === undefined
    ? undefined
    : lookAtArtifacts(resolveDirectory(cli, artifacts), changes);

function roleOf(text: string): Name {
  const role = parseName(text);
  if (role === undefined) throw new CliError('usage', `${text} is not the name of a role`);
  return role;
}

/* ---- The policy ---- */

/** Beside the fleet, or at the root of the repository. */
const policyBytes = ({ files, rootPolicy }: RawSide): Uint8Array | undefined => files.get(POLICY_FILE) ?? rootPolicy;

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);

/** Fails with `policy-invalid`: a policy that nobody can read would forbid nothing. */
function readPolicy(cli: Cli, { policy: file }: DiffOptions, base: RawSide): ReviewPolicy {
  const bytes = file === undefined ? policyBytes(base) : readFile(cli, file);
  if (bytes === undefined) return DEFAULT_POLICY;
  const { policy, issues } = parsePolicy(bytes, file ?? POLICY_FILE);
  if (policy !== undefined) return policy;
  const text = Buffer.from(bytes).toString('utf8');
  for (const issue of issues) cli.err.write(`${renderIssue(issue, text)}\n\n`);
  throw new CliError('policy-invalid', `${file ?? `${POLICY_FILE} of the base`} has errors`);
}

function readFile({ cwd }: Cli, file: string): Uint8Array {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (cause) {
    throw new CliError('policy-invalid', `${file} can not be read`, { cause });
  }
}

// seatrial.policy.yaml: what a review's warnings mean in this house, who approves, and how bumps are proposed.

import {
  API_VERSION,
  decodeText,
  findingsOf,
  type Issue,
  issueOf,
  type JsonSchema,
  type Millis,
  type Name,
  POLICY_FILE,
  parseDuration,
  parseName,
  placeFinder,
  readSource,
  type SourceDocument,
} from '@seatrial/spec';
import { z } from 'zod';
import { WARNING_CODES } from './warnings.ts';

const formed = <T>(parse: (text: string) => T | undefined, code: string, wanted: string) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${wanted}`, params: { issue: code } });
    return z.NEVER;
  });

const name = formed<Name>(parseName, 'bad-name', '1 to 63 of a-z, 0-9, dot and dash');
const duration = formed<Millis>(parseDuration, 'bad-duration', 'a whole number with s, m, h or d');
/** `organisation/team`, as GitHub writes it after the @. */
const team = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9_.-]{1,100}$/, 'must be organisation/team');

const Effect = z.union([
  z.enum(['tell', 'block']),
  z.strictObject({ approve: name.describe('The role that must approve.') }),
]);

const Bumps = z.strictObject({
  propose: z.boolean().default(true).describe('Whether pull requests are opened when something newer appears.'),
  group: z
    .enum(['fleet', 'all'])
    .default('fleet')
    .describe('`fleet`: one pull request for each fleet. `all`: one for all of them.'),
  fleets: z.array(name).max(1_000).optional().describe('Only these fleets; without it all.'),
  notes: z.boolean().default(true).describe('Whether the notes of the new version are quoted in the pull request.'),
  labels: z.array(z.string().min(1).max(50)).max(16).default([]).describe('Labels of such pull requests.'),
});

export const ReviewPolicy = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('The version of this language.'),
  kind: z.literal('ReviewPolicy').describe('What the document describes.'),
  metadata: z.strictObject({ name: name.describe('For people.') }).describe('Who the document is.'),
  spec: z
    .strictObject({
      warnings: z
        .partialRecord(z.enum(WARNING_CODES), Effect)
        .prefault({})
        .describe(
          'What a warning does: `tell`, `block`, or `approve: ROLE`. Those not named do what docs/review.md says.',
        ),
      teams: z
        .record(name, z.array(team).min(1).max(16))
        .prefault({})
        .describe('The GitHub teams whose review counts as the approval of a role.'),
      snapshot: z
        .strictObject({
          maxAge: duration.prefault('24h').describe('A snapshot older than this is stale.'),
        })
        .prefault({})
        .describe('How old what is known of the boards may be.'),
      bumps: Bumps.prefault({}).describe('How newer artifacts are proposed.'),
    })
    .describe('What is wanted.'),
});
/** The document as it is written; nothing of it is about what boards run. */
export type ReviewPolicyDocument = z.output<typeof ReviewPolicy>;
/** What the house wants of reviews and bumps. */
export type ReviewPolicy = ReviewPolicyDocument['spec'];

/** Without a policy file. */
export const DEFAULT_POLICY: ReviewPolicy = ReviewPolicy.shape.spec.parse({});

export interface ParsedPolicy {
  /** Absent when there are issues. */
  readonly policy?: ReviewPolicy;
  /** Every problem, with its place. */
  readonly issues: readonly Issue[];
}

/** Never throws. `path` is what the issues call the file. */
export function parsePolicy(bytes: Uint8Array, path: string = POLICY_FILE): ParsedPolicy {
  const text = decodeText(bytes);
  if (!text.ok) return { issues: [issueOf(path, text.error)] };
  const { documents, findings } = readSource(text.value);
  const [document, second] = documents;
  const read = document === undefined ? { findings: [NO_DOCUMENT] } : readDocument(document);
  const surplus =
    second === undefined ? [] : [{ ...NO_DOCUMENT, offset: second.root.range[0], message: 'holds one document' }];
  const all = [...findings, ...(findings.length === 0 ? read.findings : []), ...surplus];
  if (all.length === 0 && read.policy !== undefined) return { policy: read.policy, issues: [] };
  const placeAt = placeFinder(text.value);
  return { issues: all.map(({ code, offset, message }) => issueOf(path, { code, ...placeAt(offset), message })) };
}

const NO_DOCUMENT = { code: 'not-a-document', offset: 0, message: 'holds no ReviewPolicy' } as const;

function readDocument(document: SourceDocument): { policy?: ReviewPolicy; findings: ReturnType<typeof findingsOf> } {
  const result = ReviewPolicy.safeParse(document.value);
  if (result.success) return { policy: result.data.spec, findings: [] };
  return { findings: result.error.issues.flatMap(issue => findingsOf(issue, document)) };
}

/** JSON Schema 2020-12 for editors: the source of schema/review-policy.v1alpha1.json. */
export function policyJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(ReviewPolicy, { io: 'input' }) as JsonSchema;
  return {
    $schema,
    $id: 'https://seatrial.dev/schema/review-policy.v1alpha1.json',
    title: 'Seatrial review policy v1alpha1',
    ...schema,
  };
}

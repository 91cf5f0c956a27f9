// What a fleet sends to each board must fit into a plan.

import type { Corpus, LocatedKind, Objection } from '../corpus.ts';
import { objection } from '../corpus.ts';
import { canonicalJson } from '../fingerprint.ts';
import { PLAN_BODY_BYTES } from '../limits.ts';
import { resolvePayload, resolvePolicy } from '../resolve-payload.ts';

export const planRules = (corpus: Corpus): Objection[] => corpus.all.Fleet.flatMap(fleet => planSize(fleet, corpus));

function planSize(fleet: LocatedKind<'Fleet'>, { byName }: Corpus): Objection[] {
  const release = byName.Release.get(fleet.document.spec.release);
  if (release === undefined) return [];
  const policy = Buffer.byteLength(canonicalJson(resolvePolicy(fleet.document)));
  const payload = Buffer.byteLength(canonicalJson(resolvePayload(release.document)));
  if (policy + payload <= PLAN_BODY_BYTES) return [];
  const message = `policy ${policy} and release ${payload} bytes are together more than ${PLAN_BODY_BYTES}`;
  return [objection(fleet, ['spec', 'release'], { code: 'plan-too-large', message })];
}

// Releases that boards are to get, and nobody vouches for: signatures that lack, files that are not what was written.

import { formatBytes, type Name, type ResolvedRelease } from '@seatrial/spec';
import type { Evidence, Finding, FleetEvidence } from './findings.ts';
import type { ArtifactFinding } from './review.ts';

/** Of the releases, once each. */
export function trustRules({ input, places }: Evidence, wanted: ReadonlySet<Name>): readonly Finding[] {
  const releases = input.head.desired?.releases.filter(({ name }) => wanted.has(name)) ?? [];
  return releases.flatMap(release => [...signatures(release, places), ...artifacts(release, input.artifacts, places)]);
}

/** The releases that the fleet or its boards would begin to follow. */
export const newReleases = ({ boards, change: { after, before } }: FleetEvidence): readonly Name[] => [
  ...(after !== undefined && after.release !== before?.release ? [after.release] : []),
  ...boards.filter(({ asked }) => asked).map(({ target }) => target.release),
];

function signatures({ name, verified, envelope }: ResolvedRelease, places: Evidence['places']): readonly Finding[] {
  if (verified) return [];
  const place = places.of('Release', name);
  return envelope === undefined
    ? [{ code: 'release-unsigned', text: `release ${name} has no signatures`, place }]
    : [{ code: 'release-under-signed', text: `the signatures of release ${name} do not suffice`, place }];
}

function artifacts(
  { name, payload }: ResolvedRelease,
  found: ReadonlyMap<string, ArtifactFinding> | undefined,
  places: Evidence['places'],
): readonly Finding[] {
  return (payload.firmware?.capsules ?? []).flatMap((capsule, position): readonly Finding[] => {
    const artifact = found?.get(capsule.url);
    const placeOf = (member: string) => places.of('Release', name, ['spec', 'firmware', 'capsules', position, member]);
    if (artifact === undefined) return [];
    const what = `capsule ${capsule.name} of release ${name}`;
    if (artifact.kind === 'missing')
      return [{ code: 'artifact-missing', text: `${what} was not found`, place: placeOf('url') }];
    if (artifact.sizeBytes !== capsule.sizeBytes) {
      const text = `${what} has ${formatBytes(artifact.sizeBytes)} (${artifact.sizeBytes}), not ${capsule.sizeBytes} bytes`;
      return [{ code: 'artifact-mismatch', text, place: placeOf('size') }];
    }
    if (artifact.sha256 === capsule.sha256) return [];
    const text = `${what} has digest ${artifact.sha256.slice(0, 12)}…, not ${capsule.sha256.slice(0, 12)}…`;
    return [{ code: 'artifact-mismatch', text, place: placeOf('sha256') }];
  });
}

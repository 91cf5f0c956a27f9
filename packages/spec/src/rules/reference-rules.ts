// References between documents: they must lead somewhere, and to something made for the same board.

import { type Corpus, type Located, type LocatedKind, type Objection, objection } from '../corpus.ts';
import type { Name } from '../ids.ts';
import type { IssueCode } from '../issue-table.ts';
import type { Path } from '../locate.ts';

export function referenceRules(corpus: Corpus): Objection[] {
  return [
    ...corpus.all.Release.flatMap(one => checkBoard(corpus, one, one.document.spec.board)),
    ...corpus.all.DeviceList.flatMap(one => [
      ...checkBoard(corpus, one, one.document.spec.board),
      ...checkPins(corpus, one),
    ]),
    ...corpus.all.Fleet.flatMap(one => {
      const { board, release } = one.document.spec;
      return [...checkBoard(corpus, one, board), ...checkRelease(corpus, one, ['spec', 'release'], { release, board })];
    }),
    ...corpus.all.Approval.flatMap(one => checkApproval(corpus, one)),
  ];
}

const checkBoard = (corpus: Corpus, one: Located, board: Name): Objection[] =>
  dangles(corpus, 'Board', board) ? [dangling(one, ['spec', 'board'], 'Board', board)] : [];

function checkPins(corpus: Corpus, list: LocatedKind<'DeviceList'>): Objection[] {
  const { board, devices } = list.document.spec;
  return devices.flatMap(({ pin: release }, position) =>
    release === undefined ? [] : checkRelease(corpus, list, ['spec', 'devices', position, 'pin'], { release, board }),
  );
}

function checkRelease(
  corpus: Corpus,
  one: Located,
  path: Path,
  { release, board }: { readonly release: Name; readonly board: Name },
): Objection[] {
  if (dangles(corpus, 'Release', release)) return [dangling(one, path, 'Release', release)];
  const made = corpus.byName.Release.get(release)?.document.spec.board;
  if (made === undefined || made === board) return [];
  const message = `${release} is for board ${made}, not ${board}`;
  return [objection(one, path, { code: 'release-for-another-board', message })];
}

function checkApproval(corpus: Corpus, one: LocatedKind<'Approval'>): Objection[] {
  const { fleet: fleetName, release, role, stage } = one.document.spec;
  const fleet = corpus.byName.Fleet.get(fleetName)?.document.spec;
  const unknown = dangles(corpus, 'Fleet', fleetName) ? [dangling(one, ['spec', 'fleet'], 'Fleet', fleetName)] : [];
  if (fleet === undefined) {
    return [
      ...unknown,
      ...(dangles(corpus, 'Release', release) ? [dangling(one, ['spec', 'release'], 'Release', release)] : []),
    ];
  }
  const { stages, approvals } = fleet.rollout;
  const asked = approvals.filter(approval => approval.role === role);
  return [
    ...checkRelease(corpus, one, ['spec', 'release'], { release, board: fleet.board }),
    ...(asked.length === 0 ? [unaskedRole(one, fleetName, role)] : []),
    ...(stage > stages.length || (asked.length > 0 && !asked.some(approval => approval.stage === stage))
      ? [
          unaskedStage(
            one,
            fleetName,
            asked.map(approval => approval.stage),
          ),
        ]
      : []),
  ];
}

const unaskedRole = (one: Located, fleet: Name, role: Name): Objection =>
  objection(one, ['spec', 'role'], { code: 'unknown-role', message: `fleet ${fleet} asks for no approval by ${role}` });

function unaskedStage(one: Located, fleet: Name, asked: readonly number[]): Objection {
  const message = asked.length === 0 ? 'has fewer stages' : `asks this role at stage ${asked.join(', ')}`;
  return objection(one, ['spec', 'stage'], { code: 'unknown-stage', message: `fleet ${fleet} ${message}` });
}

type Referred = 'Board' | 'Release' | 'Fleet';

const DANGLING = {
  Board: 'unknown-board',
  Release: 'unknown-release',
  Fleet: 'unknown-fleet',
} as const satisfies Record<Referred, IssueCode>;

const dangles = ({ byName, broken }: Corpus, kind: Referred, name: Name): boolean =>
  !byName[kind].has(name) && !broken.has(`${kind}/${name}`);

const dangling = (one: Located, path: Path, kind: Referred, name: Name): Objection =>
  objection(one, path, { code: DANGLING[kind], message: `there is no ${kind} ${name}` });

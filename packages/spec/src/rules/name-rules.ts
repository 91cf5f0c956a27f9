// Names that are given twice: documents of one kind, and entries of lists inside a document.

import { type Corpus, type Located, type Objection, objection, objectionToDocument } from '../corpus.ts';
import { KIND_NAMES } from '../kinds/kinds.ts';
import type { Path } from '../locate.ts';

export function nameRules(corpus: Corpus): Objection[] {
  return [...duplicateDocuments(corpus), ...secondTrustRoots(corpus), ...duplicateEntries(corpus)];
}

function duplicateDocuments(corpus: Corpus): Objection[] {
  return KIND_NAMES.flatMap(kind => {
    const first = corpus.byName[kind];
    const all: readonly Located[] = corpus.all[kind];
    return all.flatMap(one => {
      const { name } = one.document.metadata;
      const other = first.get(name);
      if (other === undefined || (other.file === one.file && other.index === one.index)) return [];
      const message = `${kind} ${name} already stands in ${other.file}`;
      return [objectionToDocument(one, { code: 'duplicate-name', message })];
    });
  });
}

function secondTrustRoots({ all }: Corpus): Objection[] {
  const [first, ...others] = all.TrustRoot;
  return others.map(one =>
    objectionToDocument(one, { code: 'trust-root-twice', message: `another TrustRoot stands in ${first?.file}` }),
  );
}

function duplicateEntries({ all }: Corpus): Objection[] {
  return [
    ...all.Release.flatMap(one => {
      const capsules = one.document.spec.firmware?.capsules ?? [];
      // FAT does not tell upper case from lower.
      const names = capsules.map(({ name }) => name.toLowerCase());
      return repeats(one, names, position => ['spec', 'firmware', 'capsules', position, 'name']);
    }),
    ...all.Fleet.flatMap(one => {
      const { trial, rollout } = one.document.spec;
      const checks = trial.healthChecks.map(({ name }) => name);
      const approvals = rollout.approvals.map(({ role, stage }) => `${role} at stage ${stage}`);
      return [
        ...repeats(one, checks, position => ['spec', 'trial', 'healthChecks', position, 'name']),
        ...repeats(one, approvals, position => ['spec', 'rollout', 'approvals', position, 'role']),
      ];
    }),
    ...all.TrustRoot.flatMap(one =>
      Object.entries(one.document.spec.roles).flatMap(([role, { keys }]) =>
        repeats(one, keys, position => ['spec', 'roles', role, 'keys', position]),
      ),
    ),
  ];
}

function repeats(one: Located, names: readonly string[], path: (position: number) => Path): Objection[] {
  const seen = new Set<string>();
  return names.flatMap((name, position) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [objection(one, path(position), { code: 'duplicate-name', message: `${name} stands in this list twice` })];
  });
}

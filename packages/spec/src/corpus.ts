// All documents of a repository, by kind and name, each with the place that it came from.

import type { DsseEnvelope } from './dsse.ts';
import type { Sha256 } from './ids.ts';
import type { Problem } from './issue.ts';
import type { Severity } from './issue-table.ts';
import { type DocumentOf, KIND_NAMES, type Kind, type SpecDocument } from './kinds/kinds.ts';
import type { Path } from './locate.ts';
import type { ParsedFile } from './parse-file.ts';
import type { Place } from './place.ts';

/** A valid document and where it stands. */
export interface Located<D extends SpecDocument = SpecDocument> {
  readonly file: string;
  /** Among the documents of its file, from 0. */
  readonly index: number;
  /** How many documents the file holds. */
  readonly siblings: number;
  readonly document: D;
  /** Of its metadata.name. */
  readonly namePlace: Place;
  /** Of the canonical JSON, for kinds that are signed. */
  readonly digest?: Sha256;
}

export type LocatedKind<K extends Kind> = Located<DocumentOf<K>>;

export interface Corpus {
  /** In the order of files and of documents in a file. */
  readonly all: { readonly [K in Kind]: readonly LocatedKind<K>[] };
  /** The first of each name. */
  readonly byName: { readonly [K in Kind]: ReadonlyMap<string, LocatedKind<K>> };
  /** `Kind/name` of documents that have problems of their own: references to them do not dangle. */
  readonly broken: ReadonlySet<string>;
  readonly brokenKinds: ReadonlySet<Kind>;
  /** Every YAML file, whatever is in it. */
  readonly files: ReadonlySet<string>;
  /** Envelope files by path; undefined where the file is no envelope. */
  readonly envelopes: ReadonlyMap<string, DsseEnvelope | undefined>;
}

/** A cross-document problem before its line and column are known. */
export interface Objection {
  readonly code: Problem['code'];
  readonly message: string;
  readonly file: string;
  readonly index: number;
  readonly path: Path;
  /** Where that is known already; finding it costs parsing the file again. */
  readonly place?: Place;
  /** Where an option makes a warning binding. */
  readonly severity?: Severity;
}

/** An objection to the value at a path of a document. */
export const objection = (
  { file, index }: Pick<Located, 'file' | 'index'>,
  path: Path,
  problem: Pick<Objection, 'code' | 'message' | 'severity'>,
): Objection => ({ ...problem, file, index, path });

/** An objection to a document as a whole, which is shown at its name. */
export const objectionToDocument = (
  one: Pick<Located, 'file' | 'index' | 'namePlace'>,
  problem: Pick<Objection, 'code' | 'message' | 'severity'>,
): Objection => ({ ...objection(one, ['metadata', 'name'], problem), place: one.namePlace });

/** Files must come in a stable order: the first of two documents of one name is the one that others refer to. */
export function buildCorpus(
  files: ReadonlyMap<string, ParsedFile>,
  envelopes: ReadonlyMap<string, DsseEnvelope | undefined>,
): Corpus {
  const located = [...files].flatMap(([file, { documents }]) =>
    documents.map((parsed, index) => ({ ...parsed, file, index, siblings: documents.length })),
  );
  const valid: Located[] = located.flatMap(({ document, ...place }) =>
    document === undefined ? [] : [{ ...place, document }],
  );
  const claims = located.filter(({ document }) => document === undefined).map(({ claim }) => claim);
  const all = {
    Board: ofKind(valid, 'Board'),
    Release: ofKind(valid, 'Release'),
    Fleet: ofKind(valid, 'Fleet'),
    DeviceList: ofKind(valid, 'DeviceList'),
    Approval: ofKind(valid, 'Approval'),
    TrustRoot: ofKind(valid, 'TrustRoot'),
  };
  return {
    all,
    byName: {
      Board: byName(all.Board),
      Release: byName(all.Release),
      Fleet: byName(all.Fleet),
      DeviceList: byName(all.DeviceList),
      Approval: byName(all.Approval),
      TrustRoot: byName(all.TrustRoot),
    },
    broken: new Set(claims.map(({ kind, name }) => `${kind}/${name}`)),
    brokenKinds: new Set(claims.flatMap(({ kind }) => kind ?? KIND_NAMES)),
    files: new Set(files.keys()),
    envelopes,
  };
}

const ofKind = <K extends Kind>(located: readonly Located[], kind: K): LocatedKind<K>[] =>
  located.filter((one): one is LocatedKind<K> => one.document.kind === kind);

const byName = <D extends SpecDocument>(located: readonly Located<D>[]): ReadonlyMap<string, Located<D>> =>
  new Map(located.toReversed().map(one => [one.document.metadata.name, one]));

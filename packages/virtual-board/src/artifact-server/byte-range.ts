// Which bytes of a file a request is answered with [RFC-9110 13.1, 14].

/** What a request says about the part that it wants; undefined where it has no such header. */
export interface RangeRequest {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export interface ServedFile {
  readonly sizeBytes: number;
  /** A strong entity tag, quotes included. */
  readonly etag: string;
}

/** Inclusive offsets; a part of no bytes has its end before its start. */
export interface BytePart {
  readonly start: number;
  readonly end: number;
}

export type RangeAnswer =
  | { readonly status: 200 | 206; readonly part: BytePart }
  | { readonly status: 304 | 416; readonly part?: undefined };

export function answerRange({ range, ifRange, ifNoneMatch }: RangeRequest, file: ServedFile): RangeAnswer {
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, file.etag)) return { status: 304 };
  const whole: RangeAnswer = { status: 200, part: { start: 0, end: file.sizeBytes - 1 } };
  if (range === undefined || (ifRange !== undefined && ifRange !== file.etag)) return whole;
  const [, first, last] = /^bytes=(\d*)-(\d*)$/u.exec(range.trim()) ?? [];
  if (first === undefined || last === undefined || first + last === '') return whole;
  const part = first === '' ? lastBytes(Number(last), file) : fromTo(Number(first), last, file);
  return part.start > part.end ? { status: 416 } : { status: 206, part };
}

const lastBytes = (count: number, { sizeBytes }: ServedFile): BytePart => ({
  start: count === 0 ? sizeBytes : Math.max(0, sizeBytes - count),
  end: sizeBytes - 1,
});

const fromTo = (start: number, last: string, { sizeBytes }: ServedFile): BytePart => ({
  start,
  end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1),
});

const matchesTag = (list: string, etag: string): boolean =>
  list.split(',').some(tag => tag.trim() === '*' || tag.trim().replace(/^W\//u, '') === etag);

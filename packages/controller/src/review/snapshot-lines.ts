// A snapshot read piece by piece: of a hundred thousand boards only those are decoded that a review asks for.
//
// `seatrial snapshot` writes a line of header, a line for each board, and a line that ends it. Such a file is taken apart at
// its line ends, and a board's line by the id that it begins with. Any other JSON of the same contents is read as a whole.

import { type DeviceId, err, ok, parseDeviceId, type Result } from '@seatrial/spec';
import {
  complaintsOf,
  type ObservedFleet,
  observedFleet,
  parseSnapshot,
  type SnapshotDevice,
  SnapshotDeviceFile,
  SnapshotHeaderFile,
  standsTwice,
} from './snapshot.ts';

/** Boards that are not wanted are counted and not looked into: not even whether one stands there twice. Fails with the first few things that are wrong. */
export function readSnapshot(
  chunks: Iterable<Uint8Array>,
  wanted: ReadonlySet<DeviceId>,
): Result<ObservedFleet, readonly string[]> {
  const lines = new LineReader(wanted);
  const kept: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (!lines.isLost) lines.take(chunk);
    // Until the first board's line is seen it may still be a file of another form.
    if (lines.isLost || lines.boards === 0) kept.push(copyOf(chunk, 0, chunk.length));
    else kept.length = 0;
    if (lines.isLost && lines.boards > 0) return err([lines.complaint]);
  }
  lines.end();
  return lines.isLost || !lines.isWhole ? readWhole(kept, lines) : lines.fleet();
}

function readWhole(
  kept: readonly Uint8Array[],
  { boards, complaint }: LineReader,
): Result<ObservedFleet, readonly string[]> {
  if (boards > 0) return err([complaint]);
  const parsed = parseSnapshot(Buffer.concat(kept).toString('utf8'));
  return parsed.ok ? ok(observedFleet(parsed.value)) : parsed;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const HEADER_END = '"devices":[';
const BOARD_START = Buffer.from('{"device":"');
const FILE_END = ']}';
/** A board that reports more than this is none. */
const LONGEST_LINE_BYTES = 1024 * 1024;

class LineReader {
  /** The file is not one line for each board. */
  isLost = false;
  /** The line that ends the file was seen. */
  isWhole = false;
  boards = 0;
  complaint = 'ends in the middle';
  #header: string | undefined;
  #rest: Uint8Array = new Uint8Array();
  readonly #wanted: ReadonlySet<DeviceId>;
  readonly #lines = new Map<string, { readonly bytes: Uint8Array; readonly position: number }>();

  constructor(wanted: ReadonlySet<DeviceId>) {
    this.#wanted = wanted;
  }

  /** The chunk may be used again by the caller afterwards. */
  take(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1 && !this.isLost; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#rest.length === 0) this.#line(chunk, start, end);
      else this.#finishLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
    if (this.#rest.length > LONGEST_LINE_BYTES) this.#lose('has a line that is too long');
  }

  /** A line that began in the chunk before. */
  #finishLine(end: Uint8Array): void {
    const whole = Buffer.concat([this.#rest, end]);
    this.#rest = new Uint8Array();
    this.#line(whole, 0, whole.length);
  }

  /** The last line may lack its end. */
  end(): void {
    if (!this.isLost) this.take(Buffer.from('\n'));
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (last === start) return;
    if (this.#header === undefined) this.#takeHeader(text(bytes, start, last));
    else if (this.isWhole) this.#lose('goes on behind its end');
    else if (startsWith(bytes, start, BOARD_START)) this.#takeBoard(bytes, start, last);
    else if (text(bytes, start, last) === FILE_END) this.isWhole = true;
    else this.#lose('has a line that is no board');
  }

  #takeHeader(line: string): void {
    if (line.endsWith(HEADER_END)) this.#header = line;
    else this.#lose('begins with something else');
  }

  #takeBoard(bytes: Uint8Array, start: number, end: number): void {
    const idStart = start + BOARD_START.length;
    const id = text(bytes, idStart, bytes.indexOf(QUOTE, idStart));
    const known = parseDeviceId(id);
    if (known === undefined || this.#lines.has(id)) {
      this.#lose(known === undefined ? 'not a device id' : standsTwice(id));
      return;
    }
    const last = bytes[end - 1] === COMMA ? end - 1 : end;
    if (this.#wanted.has(known)) this.#lines.set(id, { bytes: copyOf(bytes, start, last), position: this.boards });
    this.boards += 1;
  }

  #lose(complaint: string): void {
    this.isLost = true;
    this.complaint = this.boards === 0 ? complaint : `devices[${this.boards}]: ${complaint}`;
  }

  fleet(): Result<ObservedFleet, readonly string[]> {
    const header = SnapshotHeaderFile.safeParse(parseJson(`${this.#header ?? ''}]}`));
    if (!header.success) return err(complaintsOf(header.error.issues));
    const devices = new Map<DeviceId, SnapshotDevice>();
    for (const { bytes, position } of this.#lines.values()) {
      const device = SnapshotDeviceFile.safeParse(parseJson(text(bytes, 0, bytes.length)));
      if (!device.success) return err(complaintsOf(device.error.issues, ['devices', position]));
      devices.set(device.data.device, device.data);
    }
    const { schema: _schema, ...said } = header.data;
    return ok({ ...said, size: this.boards, device: id => devices.get(id) });
  }
}

/** A view, so that nothing is copied but the text. */
const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start)).toString('utf8');

/** A Buffer's own slice would be a view of what the caller may use again. */
const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.subarray(start, end));

const startsWith = (bytes: Uint8Array, at: number, start: Uint8Array): boolean =>
  start.every((byte, offset) => bytes[at + offset] === byte);

/** Undefined for text that is no JSON, which no schema accepts. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

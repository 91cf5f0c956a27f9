// As much of GVariant as an OSTree commit object needs, read with every offset checked [GLIB-GVARIANT].

/** Undefined for bytes that are not of the shape asked for. */
export type Parsed<T> = T | undefined;

/** Containers of up to 255 bytes count their offsets in one byte, larger ones in 2, 4 or 8. */
function offsetWidth(length: number): 1 | 2 | 4 {
  return length <= 0xff ? 1 : length <= 0xffff ? 2 : 4;
}

const readOffset = (bytes: Uint8Array, at: number, width: 1 | 2 | 4): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUIntLE(at, width);

/**
 * The ends of the members of variable size that are not the last of a container: they stand at its end, the first one last.
 * Undefined unless each lies behind the one before, and all before the offsets themselves.
 */
export function framing(bytes: Uint8Array, count: number): Parsed<readonly number[]> {
  const width = offsetWidth(bytes.length);
  const tableAt = bytes.length - count * width;
  if (tableAt < 0) return undefined;
  const ends = Array.from({ length: count }, (_, index) =>
    readOffset(bytes, bytes.length - (index + 1) * width, width),
  );
  const isOrdered = ends.every((end, index) => end >= (ends[index - 1] ?? 0) && end <= tableAt);
  return isOrdered ? ends : undefined;
}

export const align = (offset: number, to: number): number => Math.ceil(offset / to) * to;

/** A text ends with a zero byte, and holds none before. */
export function text(bytes: Uint8Array): Parsed<string> {
  const end = bytes.indexOf(0);
  if (end === -1 || end !== bytes.length - 1) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
  } catch {
    return undefined;
  }
}

/** `a{sv}`: the entries whose values are texts; others are passed over. */
export function textEntries(bytes: Uint8Array): Parsed<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (bytes.length === 0) return found;
  const width = offsetWidth(bytes.length);
  const tableAt = readOffset(bytes, bytes.length - width, width);
  const count = (bytes.length - tableAt) / width;
  if (tableAt > bytes.length || !Number.isInteger(count)) return undefined;
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const end = readOffset(bytes, tableAt + index * width, width);
    if (end < start || end > tableAt) return undefined;
    const entry = textEntry(bytes.subarray(start, end));
    if (entry !== undefined) found.set(entry.key, entry.value);
    start = align(end, 8);
  }
  return found;
}

/** `{sv}`, where the value is a text: behind its bytes stand a zero and the name of its type. */
function textEntry(bytes: Uint8Array): Parsed<{ readonly key: string; readonly value: string }> {
  const [keyEnd] = framing(bytes, 1) ?? [];
  if (keyEnd === undefined) return undefined;
  const key = text(bytes.subarray(0, keyEnd));
  const variant = bytes.subarray(align(keyEnd, 8), bytes.length - offsetWidth(bytes.length));
  const typeAt = variant.lastIndexOf(0);
  if (key === undefined || typeAt === -1 || Buffer.from(variant.subarray(typeAt + 1)).toString('latin1') !== 's')
    return undefined;
  const value = text(variant.subarray(0, typeAt));
  return value === undefined ? undefined : { key, value };
}

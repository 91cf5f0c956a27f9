// Files that are to be different.

/** Bytes by path, with forward slashes; undefined deletes. */
export type Changed = ReadonlyMap<string, Uint8Array | undefined>;

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);

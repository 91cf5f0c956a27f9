// Options that were given, without those that were not.

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out members that are undefined, as exact optional members demand. */
export const definedOnly = <T extends object>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>; // a part of what came in

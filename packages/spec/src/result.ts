// The value of something that may fail in a way its caller is expected to handle.

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };
/** An expected outcome of either kind; a defect throws `InvariantError` instead. */
export type Result<T, E> = Ok<T> | Err<E>;

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const err = <E>(error: E): Err<E> => ({ ok: false, error });

/** A broken promise of our own code: ends the attempt that met it, never the daemon. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Ends a `switch` over a union: a member that was forgotten does not compile, and one that arrives at run time throws. */
export function assertNever(value: never, what = 'case'): never {
  throw new InvariantError(`unexpected ${what}: ${JSON.stringify(value)}`);
}

// What a script may rely on: the three ways in which the command ends.

/**
 * 0: done, and nothing to complain about. 1: done, and the answer is "no" or "something": issues, boards that would change, a
 * demo that went otherwise. 2: could not be done; standard error says why.
 */
export type ExitCode = 0 | 1 | 2;

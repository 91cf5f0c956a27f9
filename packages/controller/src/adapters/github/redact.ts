// Words of others without anything that opens a door: what GitHub, or a proxy before it, says may hold what we sent.

/** Tokens of GitHub, JSON web tokens, and whatever follows the name of a scheme [GITHUB-TOKENS, RFC-7519]. */
const SHAPES = [
  /\bgh[a-z]_[A-Za-z0-9_.-]{8,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{8,}/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g,
  /(?<=\b(?:bearer|token|basic) )[A-Za-z0-9_.~+/=-]{8,}/gi,
  /(?<=\/\/)[^/@\s]*(?=@)/g,
] as const;
const LONGEST = 300;
const GONE = '[redacted]';

/** One short line without control characters, known secrets, and what looks like one. */
export function redact(text: string, secrets: readonly string[]): string {
  const withoutKnown = secrets.reduce((words, secret) => words.replaceAll(secret, GONE), text);
  const clean = SHAPES.reduce((words, shape) => words.replaceAll(shape, GONE), withoutKnown);
  const line = clean.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

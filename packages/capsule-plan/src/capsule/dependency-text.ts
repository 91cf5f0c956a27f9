// Dependency expressions as GenerateCapsule's text: `GUID >= 0x00010000 AND NOT (TRUE)`, to and from byte code steps. A
// version may be written 0.0.1.0 too, as it is shown.

import { err, firmwareVersion, formatFirmwareVersion, ok, parseFirmwareVersion, type Result } from '@seatrial/spec';
import { looseGuid } from '../bytes/guid.ts';
import type { DependencyOperator, DependencyStep } from './dependency.ts';
import { type CapsuleError, capsuleError } from './errors.ts';

const TOKEN =
  /\s*(?:(>=|<=|==|>|<|\(|\)|&&|\|\||~)|([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})|(0\.0\.\d{1,5}\.\d{1,5}|0[xX][0-9A-Fa-f]{1,8}|\d{1,10})|(DECLARE)\s+"([\x20\x21\x23-\x7e]*)"|([A-Za-z]+))/y;

type Token =
  | { readonly kind: 'symbol'; readonly symbol: string }
  | { readonly kind: 'step'; readonly step: DependencyStep };

const WORDS: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR', '~': 'NOT' };
const MAX_TOKENS = 4096;
const MAX_DEPTH = 64;

function tokens(text: string): readonly Token[] | undefined {
  const found: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const [whole, sign, guidText, number, declare, declared, word] = pattern.exec(text) ?? [];
    if (whole === undefined || found.length >= MAX_TOKENS) return undefined;
    const token = tokenOf({
      sign: sign ?? word,
      guidText,
      number,
      declared: declare === undefined ? undefined : declared,
    });
    if (token === undefined) return undefined;
    found.push(token);
  }
  return found;
}

interface Matched {
  readonly sign: string | undefined;
  readonly guidText: string | undefined;
  readonly number: string | undefined;
  readonly declared: string | undefined;
}

function tokenOf({ sign, guidText, number, declared }: Matched): Token | undefined {
  const guid = guidText === undefined ? undefined : looseGuid(guidText);
  if (guid !== undefined) return { kind: 'step', step: { kind: 'guid', guid } };
  if (declared !== undefined) return { kind: 'step', step: { kind: 'text', text: declared } };
  if (number !== undefined) {
    const version = number.includes('.') ? parseFirmwareVersion(number) : Number(number);
    return version !== undefined && version <= 0xffff_ffff
      ? { kind: 'step', step: { kind: 'version', version } }
      : undefined;
  }
  return sign === undefined ? undefined : { kind: 'symbol', symbol: WORDS[sign] ?? sign.toUpperCase() };
}

/** Text to steps, in the order in which edk2 emits them. Fails with DEPENDENCY_TEXT. */
export function parseDependency(text: string): Result<readonly DependencyStep[], CapsuleError> {
  const list = tokens(text);
  const parser = new Parser(list ?? []);
  const steps = list === undefined ? undefined : parser.expression(0);
  return steps === undefined || !parser.atEnd
    ? err(capsuleError('DEPENDENCY_TEXT', JSON.stringify(text.slice(0, 80))))
    : ok(steps);
}

const COMPARISONS: readonly DependencyOperator[] = ['==', '>', '>=', '<', '<='];
type Steps = readonly DependencyStep[];
const operator = (name: DependencyOperator): DependencyStep => ({ kind: 'operator', operator: name });

/** Recursive descent: OR binds weakest, then AND, then NOT, then one comparison or parenthesis. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  #symbol(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === 'symbol' ? token.symbol : undefined;
  }

  #accept(symbol: string): boolean {
    const accepted = this.#symbol() === symbol;
    if (accepted) this.#at += 1;
    return accepted;
  }

  expression(depth: number): Steps | undefined {
    return this.#joined('OR', () => this.#joined('AND', () => this.#negation(depth)));
  }

  #joined(name: 'AND' | 'OR', part: () => Steps | undefined): Steps | undefined {
    let steps = part();
    while (steps !== undefined && this.#accept(name)) {
      const right = part();
      steps = right === undefined ? undefined : [...steps, ...right, operator(name)];
    }
    return steps;
  }

  #negation(depth: number): Steps | undefined {
    if (depth > MAX_DEPTH) return undefined;
    if (!this.#accept('NOT')) return this.#primary(depth);
    const inner = this.#negation(depth + 1);
    return inner === undefined ? undefined : [...inner, operator('NOT')];
  }

  #primary(depth: number): Steps | undefined {
    if (this.#accept('(')) {
      const inner = this.expression(depth + 1);
      return inner !== undefined && this.#accept(')') ? inner : undefined;
    }
    if (this.#accept('TRUE')) return [operator('TRUE')];
    if (this.#accept('FALSE')) return [operator('FALSE')];
    return this.#comparison();
  }

  /** `GUID op VERSION [DECLARE "text"]`: the version is pushed first, then the GUID. */
  #comparison(): Steps | undefined {
    const [left, sign, right, note] = this.#tokens.slice(this.#at, this.#at + 4);
    const name = COMPARISONS.find(candidate => sign?.kind === 'symbol' && sign.symbol === candidate);
    if (left?.kind !== 'step' || right?.kind !== 'step' || name === undefined) return undefined;
    if (left.step.kind !== 'guid' || right.step.kind !== 'version') return undefined;
    const declared = note?.kind === 'step' && note.step.kind === 'text' ? [note.step] : [];
    this.#at += 3 + declared.length;
    return [right.step, left.step, operator(name), ...declared];
  }
}

/** Steps as text for people; a malformed program is shown in its own order. */
export function formatDependency(steps: readonly DependencyStep[]): string {
  const stack: string[] = [];
  for (const step of steps) {
    if (step.kind === 'guid') stack.push(step.guid);
    else if (step.kind === 'version') stack.push(formatFirmwareVersion(firmwareVersion(step.version)));
    else if (step.kind === 'text') stack.push(`${stack.pop() ?? ''} (${step.text})`);
    else stack.push(formatOperator(step.operator, stack));
  }
  return stack.join(' ');
}

function formatOperator(name: DependencyOperator, stack: string[]): string {
  if (name === 'TRUE' || name === 'FALSE') return name;
  if (name === 'NOT') return `NOT ${stack.pop() ?? '?'}`;
  const top = stack.pop() ?? '?';
  const below = stack.pop() ?? '?';
  return name === 'AND' || name === 'OR' ? `(${below} ${name} ${top})` : `${top} ${name} ${below}`;
}

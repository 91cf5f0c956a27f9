// What the machine says on its serial line: kept as a file and in memory, watched line by line.

import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BoardFailure } from './board-failure.ts';

/** Nothing that follows one of these can be believed. */
const NEVER = [/!!!! X64 Exception/, /\bOops: /, /Internal error: /, /BUG: unable to handle/];
const PANIC = /Kernel panic - not syncing/;
/** Colours and cursor moves of the firmware's console. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;:?=]*[A-Za-z]|[()][A-Z0-9])`, 'g');

export type LineListener = (line: string) => void;

export class SerialLog {
  readonly #file: string;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<LineListener>();
  #partial = '';
  #broken: string | undefined;
  #panicExpected = false;

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  take(chunk: Buffer): void {
    appendFileSync(this.#file, chunk);
    const parts = (this.#partial + chunk.toString('utf8')).split(/\r*\n/);
    this.#partial = parts.pop() ?? '';
    for (const part of parts) this.#line(part.replace(ESCAPES, '').replace(/\r/g, ''));
  }

  #line(line: string): void {
    this.#lines.push(line);
    const broken = NEVER.some(pattern => pattern.test(line)) || (!this.#panicExpected && PANIC.test(line));
    if (broken) this.#broken ??= line;
    for (const listener of [...this.#listeners]) listener(line);
  }

  /** This scenario brings a system that panics. */
  expectPanic(): void {
    this.#panicExpected = true;
  }

  /** How many lines there are: a position to look on from. */
  get length(): number {
    return this.#lines.length;
  }

  /** Throws where the machine itself has broken, which says nothing about the product. */
  requireSound(): void {
    if (this.#broken !== undefined) throw new BoardFailure(`the machine broke: ${this.#broken}`, this.tail());
  }

  matching(pattern: RegExp, from = 0): readonly string[] {
    return this.#lines.slice(from).filter(line => pattern.test(line));
  }

  tail(lines = 25): readonly string[] {
    return this.#lines.slice(-lines);
  }

  onLine(listener: LineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

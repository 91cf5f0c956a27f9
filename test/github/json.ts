// JSON values as the stand-in reads and writes them, and how their members are read once a schema has vouched for their shape.

import { InvariantError } from '@seatrial/spec';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A member that is undefined does not travel. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON.parse, typed as what it gives; undefined where the text is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** The members of an object whose shape was validated before; reading one that is not as asked for is a defect of the stand-in. */
export class Members {
  readonly #object: JsonObject;

  constructor(object: Json | undefined) {
    this.#object = isObject(object) ? object : {};
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  text(name: string): string {
    return this.maybeText(name) ?? this.#missing(name, 'a text');
  }

  /** Undefined for null as well. */
  maybeText(name: string): string | undefined {
    const value = this.#object[name] ?? undefined;
    return value === undefined || typeof value === 'string' ? value : this.#missing(name, 'a text');
  }

  number(name: string): number {
    return this.maybeNumber(name) ?? this.#missing(name, 'a number');
  }

  maybeNumber(name: string): number | undefined {
    const value = this.#object[name] ?? undefined;
    return value === undefined || typeof value === 'number' ? value : this.#missing(name, 'a number');
  }

  flag(name: string): boolean {
    return this.#object[name] === true;
  }

  list(name: string): readonly Json[] {
    const value = this.#object[name];
    return Array.isArray(value) ? value : [];
  }

  members(name: string): Members {
    return new Members(this.#object[name]);
  }

  value(name: string): Json | undefined {
    return this.#object[name];
  }

  #missing(name: string, what: string): never {
    throw new InvariantError(`${name} should be ${what}: its schema was to see to that`);
  }
}

// What GitHub answers when it does not do what it was asked, in the shapes that its description gives.

import type { Json, JsonObject } from './json.ts';

/** Thrown by whatever carries out a request; becomes the answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, body: JsonObject) {
    super(typeof body['message'] === 'string' ? body['message'] : String(status));
    this.status = status;
    this.body = body;
  }
}

const DOCS = 'https://docs.github.com/rest';

/** `basic-error`. */
export const refuse = (status: number, message: string, documentation = DOCS): Refusal =>
  new Refusal(status, { message, documentation_url: documentation, status: String(status) });

/** What is missing, and what one may not see, look alike. */
export const notFound = (): Refusal => refuse(404, 'Not Found');

/** A field's fault: `missing`, `missing_field`, `invalid`, `already_exists`, `unprocessable` or `custom` with a message. */
export interface Fault {
  readonly resource: string;
  readonly field: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  readonly message?: string;
  readonly value?: Json;
}

/** `validation-error`. */
export const invalid = (...faults: readonly Fault[]): Refusal =>
  new Refusal(422, {
    message: 'Validation Failed',
    errors: faults.map(({ resource, field, code, message, value }) => ({ resource, field, code, message, value })),
    documentation_url: DOCS,
  });

/** A sentence alone, as the description has it for some refusals. */
export const refusePlainly = (status: number, message: string): Refusal =>
  new Refusal(status, { message, documentation_url: DOCS });

/** 422 with a sentence and no field, as the git operations answer. */
export const unprocessable = (message: string): Refusal => refusePlainly(422, message);

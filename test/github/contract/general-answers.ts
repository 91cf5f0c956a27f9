// Answers that any operation may give although the description names them at few: authentication, permissions, limits, outages.
// From docs.github.com: Troubleshooting the REST API, Rate limits for the REST API, and Best practices (conditional requests).

import type { JsonObject } from '../json.ts';

const BASIC_ERROR: JsonObject = {
  content: { 'application/json': { schema: { $ref: '#/components/schemas/basic-error' } } },
};
const VALIDATION_ERROR: JsonObject = {
  content: { 'application/json': { schema: { $ref: '#/components/schemas/validation-error' } } },
};

/** By status, as response objects of OpenAPI. */
export const GENERAL_ANSWERS: Readonly<Record<number, JsonObject>> = {
  400: BASIC_ERROR,
  401: BASIC_ERROR,
  403: BASIC_ERROR,
  404: BASIC_ERROR,
  409: BASIC_ERROR,
  422: VALIDATION_ERROR,
  429: BASIC_ERROR,
  500: BASIC_ERROR,
  503: BASIC_ERROR,
};

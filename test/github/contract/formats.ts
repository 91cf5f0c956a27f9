// The formats that GitHub's description names, as checks. One that is not here makes the compilation of its schema fail.

import type { Format } from 'ajv';

/** RFC 3339, section 5.6. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
/** RFC 3986, section 3: a scheme, and no blank. */
const URI = /^[a-z][a-z0-9+.-]*:\S+$/i;
/** RFC 6570: a URI with expressions in braces, each closed. */
const URI_TEMPLATE = /^[a-z][a-z0-9+.-]*:(?:[^\s{}]|\{[^\s{}]+\})+$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const OWNER_AND_NAME = /^[\w.-]+\/[\w.-]+$/;

export const FORMATS: Readonly<Record<string, Format>> = {
  'date-time': (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  uri: URI,
  'uri-template': URI_TEMPLATE,
  email: EMAIL,
  'repo.nwo': OWNER_AND_NAME,
  /** Seconds since 1970. */
  timestamp: { type: 'number', validate: Number.isSafeInteger },
  int64: { type: 'number', validate: Number.isSafeInteger },
  int32: { type: 'number', validate: (value: number) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31 },
};

// What GitHub's refusals mean, how long they keep us away, and what is left of its words.

import { describe, expect, test } from 'vitest';
import { codeOf, portErrorOf, type Refusal, restAfter } from '../../src/adapters/github/failures.ts';
import { isServedBy } from '../../src/adapters/github/git-access.ts';
import { redact } from '../../src/adapters/github/redact.ts';

const refusal = (status: number, headers: Refusal['headers'] = {}, message = 'No'): Refusal => ({
  status,
  headers,
  message,
});
const NOW_MS = 1_795_000_000_000;

describe('when GitHub refuses', () => {
  test.each([
    ['no answer', refusal(0), 'forge-unreachable'],
    ['an outage', refusal(503), 'forge-unreachable'],
    ['a status that nobody knows', refusal(418), 'forge-unreachable'],
    ['credentials that are not valid', refusal(401), 'forge-refused'],
    ['a missing permission', refusal(403, { 'x-ratelimit-remaining': '4000' }), 'forge-refused'],
    ['a spent hour', refusal(403, { 'x-ratelimit-remaining': '0' }), 'forge-rate-limited'],
    ['a spent hour in the other form', refusal(429), 'forge-rate-limited'],
    ['a secondary limit by its header', refusal(403, { 'retry-after': '60' }), 'forge-rate-limited'],
    [
      'a secondary limit by its words',
      refusal(403, {}, 'You have exceeded a secondary rate limit.'),
      'forge-rate-limited',
    ],
    ['nothing there', refusal(404), 'forge-missing'],
    ['gone for good', refusal(410), 'forge-missing'],
    ['a race', refusal(409), 'forge-conflict'],
    ['a request that is wrong', refusal(422), 'forge-rejected'],
  ] as const)('with %s, then the code says so', (_what, given, code) => {
    expect(codeOf(given)).toBe(code);
  });

  test.each([
    ['the seconds that it names', refusal(403, { 'retry-after': '30' }), 30_000],
    [
      'until the hour is over, and a second',
      refusal(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': NOW_MS / 1000 + 90 }),
      91_000,
    ],
    ['a minute where it names nothing', refusal(429), 60_000],
    [
      'a minute where its clock is behind ours',
      refusal(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': NOW_MS / 1000 - 5 }),
      60_000,
    ],
    ['never longer than two hours', refusal(403, { 'retry-after': '999999' }), 7_200_000],
    ['a minute for a header that is no number', refusal(403, { 'retry-after': 'soon' }), 60_000],
  ])('then it is left in peace for %s', (_what, given, restMs) => {
    expect(restAfter(given, NOW_MS)).toBe(restMs);
  });

  test('then the error names the request and its id, and has no cause that could be printed', () => {
    const headers = { 'x-github-request-id': 'AB:12' };
    const error = portErrorOf(refusal(404, headers), { element: 'acme/fleets', request: 'GET /repos', secrets: [] });
    expect(error).toMatchObject({ code: 'forge-missing', element: 'acme/fleets', cause: undefined });
    expect(error.message).toContain('GET /repos');
    expect(error.message).toContain('AB:12');
  });
});

describe('when git has an address', () => {
  test.each([
    ['https://github.com/acme/fleets.git', 'https://api.github.com', true],
    ['https://acme.ghe.com/acme/fleets.git', 'https://api.acme.ghe.com', true],
    ['https://git.acme.example/acme/fleets.git', 'https://git.acme.example/api/v3', true],
    ['https://ada@github.com/acme/fleets.git', 'https://api.github.com', false],
    ['http://github.com/acme/fleets.git', 'https://api.github.com', false],
    ['https://github.com.evil.example/acme/fleets.git', 'https://api.github.com', false],
    ['git@github.com:acme/fleets.git', 'https://api.github.com', false],
    ['ssh://git@github.com/acme/fleets.git', 'https://api.github.com', false],
    ['/srv/git/fleets.git', 'https://api.github.com', false],
  ])('then %s is shown the token for %s: %s', (repository, baseUrl, isServed) => {
    expect(isServedBy(repository, baseUrl)).toBe(isServed);
  });
});

describe('when words of others are told', () => {
  test.each([
    ['an installation token', 'bad ghs_16C7e42F292c6912E7710c838347Ae178B4a here'],
    ['a token of the newer form', 'ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2ln'],
    ['a classic token', 'Authorization: token ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['a fine-grained token', 'github_pat_11ABCDEFG0abcdefghij_secretsecretsecret'],
    ['a JSON web token', 'bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl'],
    ['basic credentials', 'Authorization: Basic eC1hY2Nlc3M6c2VjcmV0c2VjcmV0'],
    ['credentials in an address', 'https://x-access-token:secretsecret@github.com/acme'],
    ['a secret that is known', 'the word is open-sesame'],
  ])('then %s is not', (_what, text) => {
    const told = redact(text, ['open-sesame']);
    expect(told).toContain('[redacted]');
    expect(told).not.toMatch(/16C7e42F|eyJ|secret|c2ln|eC1hY2|sesame/);
  });

  test('then they are one line, without control characters, and not long', () => {
    expect(redact('a\r\nb\u001b[31m\tc', [])).toBe('a b [31m c');
    expect(redact('x'.repeat(5_000), []).length).toBe(300);
  });
});

// GitHub's limits: so many requests an hour, and so much content a minute (docs.github.com, Rate limits for the REST API).

import type { JsonObject } from '../json.ts';
import type { Actor } from '../model/accounts.ts';
import type { Clock } from '../model/clock.ts';

export interface Limits {
  /** Requests in an hour, of each installation or person. */
  perHour: number;
  /** With which status the hour's limit is answered: GitHub gives either. */
  status: 403 | 429;
  /** Requests that make content, in a minute. */
  contentPerMinute: number;
  /** Seconds in `retry-after`; fractions keep tests short, GitHub itself gives whole ones. */
  retryAfterS: number;
}

export const GITHUB_LIMITS: Limits = { perHour: 5000, status: 403, contentPerMinute: 80, retryAfterS: 60 };

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Window {
  resetsAtMs: number;
  used: number;
}

export interface LimitReached {
  readonly kind: 'primary' | 'secondary';
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class RateLimiter {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #windows = new Map<string, Window>();
  readonly #content = new Map<string, number[]>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts a request. Undefined where it is within the limits. */
  admit(actor: Actor, { makesContent }: { readonly makesContent: boolean }): LimitReached | undefined {
    const window = this.#window(actor);
    if (window.used >= this.#limits.perHour) return this.#primary(actor);
    window.used += 1;
    return makesContent ? this.#admitContent(actor) : undefined;
  }

  /** What a conditional request that found nothing new does not cost. */
  refund(actor: Actor): void {
    this.#window(actor).used -= 1;
  }

  /** Nothing is left until the hour is over, or until `resetInS`. */
  exhaust(actor: Actor, resetInS?: number): void {
    const window = this.#window(actor);
    window.used = this.#limits.perHour;
    if (resetInS !== undefined) window.resetsAtMs = this.#clock.nowMs() + resetInS * 1000;
  }

  headers(actor: Actor): Record<string, string> {
    const { limit, remaining, reset, used } = this.#figures(actor);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': 'core',
    };
  }

  /** `rate-limit-overview`. */
  overview(actor: Actor): JsonObject {
    const rate = this.#figures(actor);
    const search = { limit: 30, remaining: 30, reset: rate.reset, used: 0 };
    return { resources: { core: rate, search }, rate };
  }

  /** As if it were reached now. */
  secondary(retryAfterS: number = this.#limits.retryAfterS): LimitReached {
    return {
      kind: 'secondary',
      status: 403,
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      headers: { 'retry-after': String(retryAfterS) },
    };
  }

  #primary(actor: Actor): LimitReached {
    return {
      kind: 'primary',
      status: this.#limits.status,
      message: `API rate limit exceeded for ${keyOf(actor)}.`,
      headers: {},
    };
  }

  #admitContent(actor: Actor): LimitReached | undefined {
    const nowMs = this.#clock.nowMs();
    const recent = (this.#content.get(keyOf(actor)) ?? []).filter(atMs => nowMs - atMs < MINUTE_MS);
    this.#content.set(keyOf(actor), recent);
    if (recent.length >= this.#limits.contentPerMinute) return this.secondary();
    recent.push(nowMs);
    return undefined;
  }

  #window(actor: Actor): Window {
    const known = this.#windows.get(keyOf(actor));
    if (known !== undefined && this.#clock.nowMs() < known.resetsAtMs) return known;
    const window = { resetsAtMs: this.#clock.nowMs() + HOUR_MS, used: 0 };
    this.#windows.set(keyOf(actor), window);
    return window;
  }

  #figures(actor: Actor) {
    const { resetsAtMs, used } = this.#window(actor);
    const { perHour: limit } = this.#limits;
    return { limit, remaining: Math.max(limit - used, 0), reset: Math.ceil(resetsAtMs / 1000), used };
  }
}

/** Whose limit it is; all tokens of one share it. */
function keyOf(actor: Actor): string {
  if (actor.kind === 'installation') return `installation ID ${actor.installation.id}`;
  if (actor.kind === 'personal') return `user ID ${actor.user.id}`;
  return actor.kind === 'app' ? `app ID ${actor.app.id}` : 'somebody';
}

// Answers that GitHub has not changed since, kept with their ETag: asking again then costs nothing of the hourly limit
// [GITHUB-REST best practices].

import type { Octokit } from 'octokit';

export type Answer = Awaited<ReturnType<Octokit['request']>>;

interface Kept {
  readonly etag: string;
  readonly status: number;
  readonly headers: Answer['headers'];
  /** As text: whoever reads an answer may change it. */
  readonly body: string;
}

const MOST_TOTAL_CHARS = 8 * 1024 * 1024;
const MOST_CHARS = 1024 * 1024;

/** Those used longest ago go first when there is no more room. */
export class KeptAnswers {
  readonly #kept = new Map<string, Kept>();
  #chars = 0;

  etagOf = (url: string): string | undefined => this.#kept.get(url)?.etag;

  /** What GitHub says is still so. */
  read(url: string): Answer | undefined {
    const kept = this.#kept.get(url);
    if (kept === undefined) return undefined;
    this.#kept.delete(url);
    this.#kept.set(url, kept);
    return { url, status: kept.status as Answer['status'], headers: kept.headers, data: JSON.parse(kept.body) }; // as it came
  }

  keep(url: string, { headers, status, data }: Answer): void {
    this.#drop(url);
    if (headers.etag === undefined) return;
    const body = JSON.stringify(data);
    if (body.length > MOST_CHARS) return;
    this.#kept.set(url, { etag: headers.etag, status, headers, body });
    this.#chars += body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#chars <= MOST_TOTAL_CHARS) break;
      this.#drop(oldest);
    }
  }

  #drop(url: string): void {
    this.#chars -= this.#kept.get(url)?.body.length ?? 0;
    this.#kept.delete(url);
  }
}

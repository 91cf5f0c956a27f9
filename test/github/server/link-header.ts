// The Link header of a page (RFC 8288), as GitHub writes it.

import type { Pages } from '../operations/call.ts';

/** Nothing where there is no other page. */
export function linkHeader(url: URL, pages: Pages | undefined): { readonly link?: string } {
  if (pages === undefined) return {};
  const links = pages.kind === 'cursor' ? cursorLinks(pages) : numberedLinks(pages);
  const texts = links.map(([rel, name, value]) => {
    const to = new URL(url);
    to.searchParams.set(name, value);
    return `<${to.href}>; rel="${rel}"`;
  });
  return texts.length === 0 ? {} : { link: texts.join(', ') };
}

type Link = readonly [rel: string, parameter: string, value: string];

const cursorLinks = ({ next }: Pages & { kind: 'cursor' }): readonly Link[] =>
  next === undefined ? [] : [['next', 'cursor', next]];

function numberedLinks({ page, last }: Pages & { kind: 'numbered' }): readonly Link[] {
  const back: readonly Link[] = page > 1 ? [['prev', 'page', String(page - 1)]] : [];
  const first: readonly Link[] = page > 1 ? [['first', 'page', '1']] : [];
  const on: readonly Link[] =
    page < last
      ? [
          ['next', 'page', String(page + 1)],
          ['last', 'page', String(last)],
        ]
      : [];
  return [...back, ...on, ...first];
}

// Small pieces of Markdown, and reading its headings and links back.

/** Text that stays text inside of a table cell; code spans are left as they are, except for the bar. */
export const cell = (text: string): string =>
  text
    .replace(/\n+/g, ' ')
    .replace(/\|/g, '\\|')
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') ? part : part.replace(/[<>*_]/g, '\\$&')))
    .join('');

export const code = (text: string): string => `\`${text}\``;

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Blocks with an empty line between them, and one line break at the end. */
export const page = (blocks: readonly (string | undefined)[]): string =>
  `${blocks.filter(block => block !== undefined && block !== '').join('\n\n')}\n`;

const withoutFences = (markdown: string): string => markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const slug = slugOf(heading);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}

const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** The targets of inline links and images; code is passed over. */
export const linksOf = (markdown: string): readonly string[] =>
  [
    ...withoutFences(markdown)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
  ].flatMap(([, target]) => target ?? []);

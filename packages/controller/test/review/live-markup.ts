// Finds what GitHub would bring to life in our Markdown beyond the few constructs that we write ourselves: by the rules of
// CommonMark and GFM, without trusting the code that escapes.

/** What the renderers write on purpose, line by line. */
const OURS: readonly RegExp[] = [
  /^<!-- seatrial:review -->$/,
  /^<\/?details>$/,
  /^\|(?:---\|)+$/,
  /^\| Fleet \| Boards \| Firmware \| OS \| To fetch \| Stages and earliest end \|$/,
];

/** Each finding names what is alive and the line that it stands on. */
export function liveMarkup(markdown: string): readonly string[] {
  const findings: string[] = [];
  let fence = false;
  for (const line of markdown.split('\n')) {
    if (line === '```text' || (fence && line === '```')) {
      fence = !fence;
      continue;
    }
    // Inside of a fence only a fence counts, and lines that GitHub would see as its end.
    if (fence) {
      if (/^ {0,3}`{3,}/.test(line)) findings.push(`fence: ${line}`);
      continue;
    }
    if (!OURS.some(known => known.test(line))) findings.push(...aliveIn(line));
  }
  return fence ? [...findings, 'a fence is not closed'] : findings;
}

function aliveIn(line: string): readonly string[] {
  const bare = withoutOurs(line);
  return RULES.filter(([, alive]) => alive.test(bare)).map(([name]) => `${name}: ${bare}`);
}

/** Takes away code spans of one backtick, escaped signs, and the constructs that begin and end our own lines. */
function withoutOurs(line: string): string {
  const row = /^\| `[^`|]+` \| (.*) \|$/.exec(line);
  const text = row?.[1]?.replaceAll(' | ', '   ') ?? line;
  return text
    .replace(/^### /, '')
    .replace(/^<details><summary><b>(?:[A-Za-z0-9 .-]|&#\d+;)*<\/b>: ([^<&]*)<\/summary>$/, '$1')
    .replace(/^<sub>(.*)<\/sub>$/, '$1')
    .replace(/^- (?:⛔|✋|ℹ️) \*\*((?:[^*\\]|\\.)*)\*\* /, '$1 ')
    .replace(/^- (?=`)/, '')
    .replace(/<br>(?=`)/g, ' ')
    .replace(/(?<!\\)\[the check\]\(https:\/\/[^\s()<>]*\)/g, 'the check')
    .replace(/(?<![\\`])`[^`]+`(?!`)/g, 'CODE')
    .replace(/\\[!-/:-@[-`{-~]/g, '·');
}

const RULES: readonly (readonly [string, RegExp])[] = [
  ['a code span', /`/],
  ['HTML', /</],
  ['an entity', /&(?:#|[a-z])/i],
  ['emphasis', /[*_~]/],
  ['a link or an image', /[[\]]/],
  ['a cell', /\|/],
  ['a heading', /^ {0,3}#/],
  ['a mention', /@[a-z0-9]/i],
  // Where `@` was escaped, only a joiner behind it keeps GitHub from mentioning.
  ['a mention behind an escape', /·[a-z0-9][a-z0-9-]*\/[a-z]/i],
  ['a reference', /#\d|\bGH-\d/i],
  ['an address', /:\/\/|\bwww\./i],
  ['a mathematical formula', /\$/],
];

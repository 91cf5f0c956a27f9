// How files are named, how long they are, and what stands at their top.

import { codeOf, type SourceFile } from './source-file.ts';

const MOST_LINES = 400;
/** Words in kebab-case, with dots between: `rollout.properties.test.ts`. */
const FILE_NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*\.ts$/;
const FOLDER_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** Names that say nothing about what is inside. */
const EMPTY_NAME = /^(?:utils?|helpers?|common|managers?|misc|shared|lib)$/;
const ANY = /(?::|<|\||&|,|=>|\bas|\bextends|\breadonly|=)\s*any\b(?!\s*[:(])/;

/** One line per habit that a file breaks. */
export function formViolations({ path, text }: SourceFile): readonly string[] {
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  const lines = text.split('\n').length - 1;
  const complaints = [
    FILE_NAME.test(name) ? undefined : 'is not named in kebab-case',
    folders.every(folder => FOLDER_NAME.test(folder)) ? undefined : 'lies in a folder that is not named in kebab-case',
    [...folders, name.replace(/\..*$/, '')].some(word => EMPTY_NAME.test(word))
      ? 'has a name that says nothing'
      : undefined,
    lines <= MOST_LINES ? undefined : `has ${lines} lines, more than ${MOST_LINES}`,
    text.startsWith('//') || name.endsWith('.test.ts') ? undefined : 'does not say in its first comment what it is for',
    ANY.test(codeOf(text)) ? 'has a value of type any' : undefined,
  ];
  return complaints.flatMap(complaint => (complaint === undefined ? [] : [`${path} ${complaint}`]));
}

// Colours, by what they mean.

import { styleText } from 'node:util';
import type { Output } from '../cli.ts';

const STYLES = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  active: 'cyan',
  quiet: 'dim',
  strong: 'bold',
} as const;

export type Tone = keyof typeof STYLES;

/** The text as it is where the output has no colours. */
export const paint = ({ colors }: Pick<Output, 'colors'>, tone: Tone, text: string): string =>
  colors ? styleText(STYLES[tone], text, { validateStream: false }) : text;

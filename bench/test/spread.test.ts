// What samples come down to.

import { expect, test } from 'vitest';
import { type Comparison, type MeasurementPlan, measure } from '../measure.ts';
import { median, spreadsOf } from '../spread.ts';

const METRIC = { key: 'cpuMs', label: 'CPU, ms', better: 'less' } as const;

const comparison = (samples: Readonly<Record<string, readonly number[]>>): Comparison => ({
  title: 'a',
  metrics: [METRIC],
  baseline: 'base',
  rows: Object.entries(samples).map(([subject, values]) => ({ subject, samples: values.map(cpuMs => ({ cpuMs })) })),
});

test('when there are samples, then least, median and most are told', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  const told = comparison({ base: [30, 10, 20] });
  expect(told.rows.map(row => spreadsOf(row, told))).toEqual([{ cpuMs: { min: 10, median: 20, max: 30, ratio: 1 } }]);
});

test('when load comes and goes, then the ratio is that of subjects in the same round', () => {
  const told = comparison({ base: [10, 100, 11], other: [20, 200, 22] });
  expect(told.rows.map(row => spreadsOf(row, told)['cpuMs']?.ratio)).toEqual([1, 2]);
});

test('when a subject lacks a metric, then nothing is made up for it', () => {
  const told = comparison({ base: [10], other: [] });
  expect(told.rows.map(row => spreadsOf(row, told))).toEqual([
    { cpuMs: { min: 10, median: 10, max: 10, ratio: 1 } },
    {},
  ]);
});

test('when rounds are run, then each subject has its turn in each, who begins changes, and warm-ups do not count', async () => {
  const turns: string[] = [];
  const subject = (name: string) => ({
    name,
    round: () => {
      turns.push(name);
      return { cpuMs: turns.length };
    },
  });
  const plan: MeasurementPlan = {
    title: 'a',
    metrics: [METRIC],
    baseline: 'a',
    subjects: ['a', 'b', 'c'].map(subject),
    rounds: 2,
  };
  const { rows } = await measure(plan);
  expect(turns.map((_, n) => turns[n])).toEqual(['c', 'a', 'b', 'a', 'b', 'c', 'b', 'c', 'a']);
  expect(rows.map(({ subject: name, samples }) => [name, samples.map(({ cpuMs }) => cpuMs)])).toEqual([
    ['a', [4, 9]],
    ['b', [5, 7]],
    ['c', [6, 8]],
  ]);
});

// Lets subjects take turns, round after round, so that whatever else the machine does meets all of them alike.

/** What one round of one subject cost: a number per metric, with the unit in the metric's name. */
export type Sample = Readonly<Record<string, number>>;

export interface Subject {
  readonly name: string;
  /** Prepares outside of what it measures, and measures inside. */
  readonly round: () => Sample | Promise<Sample>;
}

export interface Metric {
  /** Its member in every sample: `cpuMs`. */
  readonly key: string;
  /** How a table calls it: `CPU, ms`. */
  readonly label: string;
  /** Which way is good; decides nothing, but a reader wants to know. */
  readonly better: 'less' | 'more';
}

export interface MeasurementPlan {
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** The name of the subject that the others are divided by. */
  readonly baseline: string;
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  /** Rounds before those that count, for the caches of disk and compiler; default: one. */
  readonly warmUps?: number;
  /** Hears how far it is: `[2/7] seatrial, cold`. */
  readonly tell?: (progress: string) => void;
}

/** Every sample of every subject, in the order of the rounds. */
export interface Comparison {
  readonly title: string;
  readonly metrics: readonly Metric[];
  readonly baseline: string;
  readonly rows: readonly ComparisonRow[];
}

export interface ComparisonRow {
  readonly subject: string;
  readonly samples: readonly Sample[];
}

/** Runs the rounds one after the other; who begins changes from round to round. Fails when a subject does. */
export async function measure(plan: MeasurementPlan): Promise<Comparison> {
  const { title, metrics, baseline, subjects, rounds, warmUps = 1, tell = () => undefined } = plan;
  const rows = subjects.map(({ name }) => ({ subject: name, samples: [] as Sample[] }));
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, subject] of rotate([...subjects.entries()], round)) {
      tell(`[${round < 0 ? 'warm-up' : `${round + 1}/${rounds}`}] ${subject.name}`);
      const sample = await subject.round();
      if (round >= 0) rows[index]?.samples.push(sample);
    }
  }
  return { title, metrics, baseline, rows };
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : ((by % items.length) + items.length) % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

// The pause between writes, in the form in which octokit's throttling takes it: one for each connection, where the plugin's
// own would be shared by all of a process, and as long as the configuration says, since servers of one's own differ.

/** What plugin-throttling uses of a Bottleneck.Group. */
interface PacedGroup {
  key(id: string): {
    schedule<T>(jobOptions: unknown, work: (...args: never[]) => Promise<T>, ...args: never[]): Promise<T>;
  };
}

/** One at a time, each at least `pauseMs` after the one before. */
export function pacedGroup(pauseMs: number): never {
  let last = Promise.resolve();
  const schedule = async <T>(
    _options: unknown,
    work: (...args: never[]) => Promise<T>,
    ...args: never[]
  ): Promise<T> => {
    const turn = last;
    last = turn.then(() => new Promise<void>(resolve => setTimeout(resolve, pauseMs)));
    await turn;
    return work(...args);
  };
  const group: PacedGroup = { key: () => ({ schedule }) };
  return group as never; // the plugin names Bottleneck's class, and calls nothing else of it
}

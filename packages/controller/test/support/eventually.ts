// Waiting for a condition, with a deadline: never for a time.

/** Asks until the answer is one that the test wants; throws with the last answer when the deadline has passed. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  isWanted: (answer: T) => boolean = Boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() >= until) throw new Error(`not in ${deadlineMs} ms; last: ${JSON.stringify(answer)}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;

/** Waits longer after each failure, and at random, so that a service that returns is not run over. */
export class Backoff {
  #failures = 0;

  reset() {
    this.#failures = 0;
  }

  async wait(signal, atLeastMs = 0) {
    const most = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures++);
    await sleep(Math.max(atLeastMs, most * (0.5 + Math.random() / 2)), signal);
  }
}

/** Asks until there is an answer or a failure that trying again cannot mend. */
export async function untilAnswered(ask, signal, onTrouble) {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await ask();
    } catch (problem) {
      signal.throwIfAborted();
      if (!problem.passing) throw problem;
      onTrouble(problem);
      await backoff.wait(signal, problem.retryAfterMs);
    }
  }
}

/** Ends early when the network returns, and fails when the signal aborts. */
export function sleep(ms, signal) {
  return first(signal, (done, over) => {
    const timer = setTimeout(done, ms);
    over.addEventListener('abort', () => clearTimeout(timer));
    addEventListener('online', done, { signal: over });
  });
}

/** Resolves once this tab is looked at, and fails when the signal aborts. */
export async function whenVisible(signal) {
  while (document.visibilityState !== 'visible') {
    await first(signal, (done, over) => document.addEventListener('visibilitychange', done, { signal: over }));
  }
}

/** What comes first: `done` is called, or the signal aborts. `over` aborts after either. */
function first(signal, listen) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const over = new AbortController();
    const end = (settle) => () => {
      over.abort();
      settle(signal.reason);
    };
    signal.addEventListener('abort', end(reject), { signal: over.signal });
    listen(end(resolve), over.signal);
  });
}

// A member's changes as they happen.

import { memberPath, request } from './api.js';
import { eventStream } from './event-stream.js';
import { Backoff, whenVisible } from './retry.js';

/** Three heartbeats missed: the connection is dead, whatever TCP believes. */
const silenceMs = 45_000;

/**
 * Follows a member until `signal` aborts or the service says that there is nothing to follow.
 *
 * `onState(state)` hears `live`, `reconnecting`, `paused` or `off`, `onFrame(event, data)` each change, and `onGap()` that changes
 * may have been missed: a connection does not go on from a known frame.
 *
 * A hidden tab lets its connection go: browsers have six for each service, and forgotten tabs would hold them all.
 */
export async function follow(member, signal, { onState, onFrame, onGap }) {
  const backoff = new Backoff();
  let lastId;
  for (;;) {
    if (document.visibilityState !== 'visible') onState('paused');
    await whenVisible(signal);
    let atLeastMs = 0;
    try {
      for await (const { id, event, data } of connect(member, lastId, { backoff, onState, onGap }, signal)) {
        lastId = id ?? lastId;
        if (data !== undefined) onFrame(event, JSON.parse(data));
      }
    } catch (problem) {
      signal.throwIfAborted();
      if (problem.status >= 400 && !problem.passing) return onState('off');
      atLeastMs = problem.retryAfterMs ?? 0;
    }
    signal.throwIfAborted();
    if (document.visibilityState !== 'visible') continue;
    onState('reconnecting');
    await backoff.wait(signal, atLeastMs);
  }
}

async function* connect(member, lastId, { backoff, onState, onGap }, signal) {
  const cut = new AbortController();
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => cut.abort(), silenceMs);
  };
  const letGo = () => document.visibilityState !== 'visible' && cut.abort();
  document.addEventListener('visibilitychange', letGo);
  try {
    heard();
    const headers = { Accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) };
    const options = { headers, signal: AbortSignal.any([signal, cut.signal]), withinMs: 0 };
    const response = await request(memberPath(member, 'history', 'live'), options);
    onState('live');
    if (lastId === undefined) onGap();
    yield* eventStream(response.body, () => {
      heard();
      backoff.reset();
    });
  } finally {
    clearTimeout(silence);
    document.removeEventListener('visibilitychange', letGo);
    cut.abort();
  }
}

// The view of those who run the service: what flows, what waits, what is in trouble.

import { json } from './api.js';
import { Chart } from './chart.js';
import { openView } from './dom.js';
import { bytes, count, delay } from './format.js';
import { sleep, whenVisible } from './retry.js';
import { TableSection } from './table.js';

const everyMs = 2000;
const windowMs = 5 * 60_000;

const charts = [
  { name: 'Events per second', format: count, series: [{ name: '', value: (sample) => sample.eventsPerSecond }] },
  {
    name: 'Apply delay', format: delay,
    series: [{ name: 'p50', value: (sample) => sample.applyDelayMs?.p50 }, { name: 'p99', value: (sample) => sample.applyDelayMs?.p99 }],
  },
  { name: 'Oldest unapplied', format: delay, series: [{ name: '', value: (sample) => sample.oldestUnappliedMs }] },
  {
    name: 'Waiting entries', format: count,
    series: [{ name: 'unread', value: (sample) => sample.unreadEntries }, { name: 'pending', value: (sample) => sample.pendingEntries }],
  },
];

const tables = {
  replicas: ['Replicas', [
    { name: 'Processor', value: (replica) => replica.name },
    { name: 'Last seen', value: (replica) => ago(replica.lastSeenMs) },
    { name: 'Events/s', value: (replica) => count(replica.eventsPerSecond) },
  ], 'No processor was seen.'],
  spools: ['Spools', [
    { name: 'Folder', value: (spool) => spool.folder },
    { name: 'Events', value: (spool) => count(spool.events) },
    { name: 'Told', value: (spool) => ago(spool.toldMs) },
  ], 'No edge has a spool.'],
  streams: ['Streams', [
    { name: 'Partition', value: (stream) => stream.partition },
    { name: 'Entries', value: (stream) => count(stream.entries) },
    { name: 'Unread', value: (stream) => count(stream.unread) },
    { name: 'Pending', value: (stream) => count(stream.pending) },
    { name: 'Oldest', value: (stream) => delay(stream.oldestUnappliedMs) },
  ], 'No stream is there.'],
};

/** Polls while the tab is looked at, until `signal` aborts or the reader may not see it. */
export async function showPipeline(signal) {
  const { tell, show } = view();
  let samples = [];
  try {
    for (;;) {
      await whenVisible(signal);
      const sample = await read(tell, signal);
      samples = [...samples, sample].filter(({ at }) => at > sample.at - windowMs);
      show(samples);
      await sleep(everyMs, signal);
    }
  } catch (problem) {
    if (!signal.aborted) tell(problem.message, 'off');
  }
}

/** What could not be read is a sample without values: a gap in the charts. */
async function read(tell, signal) {
  const at = Date.now();
  try {
    const status = await json('v1/ops/pipeline', { signal });
    tell('', 'live');
    return { ...status, at };
  } catch (problem) {
    signal.throwIfAborted();
    if (!problem.passing) throw problem;
    tell(`${problem.message} Trying again…`, 'reconnecting');
    return { at, isGap: true };
  }
}

function view() {
  const parts = openView('pipeline-view');
  const drawn = charts.map((description) => new Chart({ ...description, windowMs }));
  parts.charts.append(...drawn.map((chart) => chart.element));
  const sections = Object.entries(tables).map(([key, description]) => [key, new TableSection(parts.tables, ...description)]);

  return {
    tell(message, state) {
      setText(parts.notice, message);
      parts.connection.dataset.state = state;
      setText(parts.connection, { live: 'Live', reconnecting: 'Reconnecting…', off: '' }[state]);
    },
    show(samples) {
      const latest = samples.at(-1);
      for (const chart of drawn) chart.draw(samples, latest.at);
      if (latest.isGap) return;
      parts.content.hidden = false;
      parts.deadLetters.textContent = count(latest.deadLetters);
      parts.deadLettersHint.textContent = latest.deadLetters > 0 ? 'playhead dead-letters lists them.' : '';
      showMemory(parts, latest.redis);
      for (const [key, section] of sections) section.show(latest[key]);
    },
  };
}

/** Leaves the same text alone: readers of the screen would hear it again. */
function setText(part, text) {
  if (part.textContent !== text) part.textContent = text;
}

function showMemory({ redisUsed, redisMeter, redisMax }, redis) {
  const isLimited = redis?.maxBytes > 0;
  redisUsed.textContent = bytes(redis?.usedBytes);
  redisMeter.hidden = !isLimited;
  if (isLimited) redisMeter.value = Math.min(1, (redis.usedBytes ?? 0) / redis.maxBytes);
  redisMax.textContent = isLimited ? `of ${bytes(redis.maxBytes)}` : redis?.maxBytes === 0 ? 'without a limit' : '';
}

function ago(ms) {
  return ms == null ? delay(ms) : `${delay(ms)} ago`;
}

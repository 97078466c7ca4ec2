import { json, memberPath } from './api.js';
import { untilAnswered } from './retry.js';

const usualLimit = 50;
const searchLimit = 250;
const greatestLimit = 1000;

/** Fills a store page by page. A reload takes the place of a page that is still on its way. */
export function historyPages({ member, store, signal, onTrouble }) {
  let running;

  /** Answers false when a later reload took over. */
  async function read(query, prepare, take) {
    running?.abort();
    const own = running = new AbortController();
    const both = AbortSignal.any([signal, own.signal]);
    try {
      take(await untilAnswered(() => {
        prepare();
        return json(`${memberPath(member, 'history')}?${new URLSearchParams(query)}`, { signal: both });
      }, both, onTrouble));
      return true;
    } catch (problem) {
      signal.throwIfAborted();
      if (own.signal.aborted) return false;
      throw problem;
    } finally {
      if (running === own) running = undefined;
    }
  }

  return {
    get isLoading() {
      return running !== undefined;
    },
    /** Reads what is shown anew, as much of it as there is. */
    reload(shown) {
      const limit = Math.min(greatestLimit, Math.max(usualLimit, shown));
      return read({ limit }, () => store.beginReplacing(), (page) => store.replace(page));
    },
    next({ searching }) {
      const query = { limit: searching ? searchLimit : usualLimit, cursor: store.nextCursor };
      return read(query, () => {}, (page) => store.append(page));
    },
  };
}

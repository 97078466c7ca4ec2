/**
 * What is known of a member's history: pages of the API and live changes, in whatever order they come. Of two versions of a
 * session the greater revision wins. No I/O, no page.
 */
export class HistoryStore {
  #sessions = new Map();
  #arrivedLive = new Set();
  #hiddenUntil = new Map();
  #everythingHiddenUntil = -Infinity;
  #concealed = new Set();
  #oldestOfPages;

  /** Where the next page begins; undefined once everything is here. */
  nextCursor;

  /** Titles not to be shown while their hiding can still be undone. */
  conceal(titleId) {
    this.#concealed.add(titleId);
  }

  reveal(titleId) {
    this.#concealed.delete(titleId);
  }

  /** A change from the live stream; it may repeat, or be older than what is here. */
  change(session) {
    this.#arrivedLive.add(session.sessionId);
    this.#merge(session);
  }

  append({ items, nextCursor }) {
    for (const session of items) this.#merge(session);
    this.#oldestOfPages = items.at(-1) ?? this.#oldestOfPages;
    this.nextCursor = nextCursor ?? undefined;
  }

  /** To be called when a fresh first page is asked for: what arrives live from here on outlives `replace`. */
  beginReplacing() {
    this.#arrivedLive.clear();
  }

  replace(page) {
    for (const id of this.#sessions.keys()) {
      if (!this.#arrivedLive.has(id)) this.#sessions.delete(id);
    }
    this.#oldestOfPages = undefined;
    this.append(page);
  }

  /** Hides a title, or everything, as far as it was watched until then. Watched again later, it shows again. */
  hide(titleId, until) {
    if (titleId === undefined) this.#everythingHiddenUntil = Math.max(this.#everythingHiddenUntil, until);
    else this.#hiddenUntil.set(titleId, Math.max(this.#hiddenUntil.get(titleId) ?? -Infinity, until));
  }

  /**
   * What hides as much of a title, or of everything, as is known now. To be called once the service has agreed: what is watched
   * while it is being asked shows again.
   */
  hiding(titleId) {
    const concerned = [...this.#sessions.values()].filter((session) => titleId === undefined || session.titleId === titleId);
    const until = Math.max(...concerned.map(({ lastWatchedAt }) => Date.parse(lastWatchedAt)));
    return () => this.hide(titleId, until);
  }

  erase() {
    this.#sessions.clear();
    this.#arrivedLive.clear();
    this.#oldestOfPages = undefined;
    this.nextCursor = undefined;
  }

  /** Newest first. Sessions older than the pages read so far wait for their page, so that the list has no holes. */
  visible() {
    return [...this.#sessions.values()]
      .filter((session) => !this.#isHidden(session) && !this.#isBeyondPages(session))
      .sort(newestFirst);
  }

  #merge(session) {
    const known = this.#sessions.get(session.sessionId);
    if (known === undefined || session.revision >= known.revision) this.#sessions.set(session.sessionId, session);
  }

  #isHidden({ titleId, lastWatchedAt }) {
    const until = Math.max(this.#everythingHiddenUntil, this.#hiddenUntil.get(titleId) ?? -Infinity);
    return this.#concealed.has(titleId) || Date.parse(lastWatchedAt) <= until;
  }

  #isBeyondPages(session) {
    return this.nextCursor !== undefined && this.#oldestOfPages !== undefined && newestFirst(session, this.#oldestOfPages) > 0;
  }
}

/** The order of the API. Its times are all of one form, so that their text sorts as they do. */
function newestFirst(a, b) {
  return compare(b.startedAt, a.startedAt) || compare(b.sessionId, a.sessionId);
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}

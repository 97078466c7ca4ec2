// The view of one member's history.

import { memberPath } from './api.js';
import { ContinueRow } from './continue-row.js';
import { openView } from './dom.js';
import { download } from './export.js';
import { hidingFor } from './hiding.js';
import { HistoryList } from './history-list.js';
import { historyPages } from './history-pages.js';
import { HistoryStore } from './history-store.js';
import { follow } from './live.js';
import { historyRoute } from './routes.js';
import { titleMatcher } from './search.js';
import * as token from './token.js';

const readAheadPx = 600;
const connectionNames = { live: 'Live', reconnecting: 'Reconnecting…', paused: 'Paused', off: 'Not live' };

/** Shows a member until `signal` aborts; without a member, asks for one. */
export function showHistory(member, signal) {
  const parts = openView('history-view');
  const field = parts.memberForm.member;
  field.value = member ?? '';
  parts.memberForm.addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = historyRoute(field.value);
  });
  if (member === undefined) {
    parts.hint.hidden = false;
    field.focus();
    return;
  }
  try {
    memberPath(member);
    follow(member, signal, view(member, parts, signal)).catch(() => {});
  } catch (problem) {
    parts.notice.textContent = problem.message;
  }
}

/** Sets the view up, and answers what the live stream tells it. */
function view(member, parts, signal) {
  const store = new HistoryStore();
  const pages = historyPages({ member, store, signal, onTrouble: ({ message }) => tell(`${message} Trying again…`) });
  const list = new HistoryList(parts.days, (session) => run(() => hiding.title(session)));
  const row = new ContinueRow(parts.continue, parts.continueList, member, signal, (titleId) => run(() => hiding.fromRow(titleId)));
  const hiding = hidingFor({ member, store, row, show, tell });
  let matches = titleMatcher('');
  let frame;

  function tell(message) {
    if (!signal.aborted) parts.notice.textContent = message;
  }

  /** Nothing fails unheard, but what belongs to a view that is gone. */
  async function run(work) {
    try {
      await work();
    } catch (problem) {
      tell(problem.message);
    }
  }

  async function reload() {
    run(() => row.reload());
    if (!await pages.reload(store.visible().length)) return;
    parts.content.hidden = false;
    tell('');
    show();
    await fill();
  }

  /** Reads on as long as the end of the list is near; a search with few matches so looks through everything. */
  async function fill() {
    const isEndNear = () => parts.more.getBoundingClientRect().top < innerHeight + readAheadPx;
    while (store.nextCursor !== undefined && isEndNear() && await readNext());
  }

  async function readNext() {
    if (pages.isLoading || !await pages.next({ searching: !matches.all })) return false;
    tell('');
    show();
    return true;
  }

  function show() {
    const sessions = store.visible().filter(({ titleId }) => matches(titleId));
    const isWhole = store.nextCursor === undefined;
    list.show(sessions);
    row.show();
    parts.more.hidden = isWhole;
    if (matches.all) {
      parts.summary.textContent = isWhole && sessions.length === 0 ? 'Nothing to show.' : '';
    } else {
      const found = sessions.length === 0 ? 'Nothing found' : `${sessions.length} found`;
      parts.summary.textContent = isWhole ? `${found}.` : `${found} so far, looking further back…`;
    }
  }

  function take(event, data) {
    if (event === 'end') {
      // A service that stops, or a reader that was too slow, comes back by itself.
      if (data.reason === 'token-expired') token.refuse('The connection ended: the token has expired.');
      return;
    }
    if (event === 'resync') return run(reload);
    if (event === 'session') store.change(data);
    if (event === 'hidden') store.hide(data.titleId, Date.parse(data.hiddenUntil));
    if (event === 'erased') {
      store.erase();
      tell('This history was erased.');
    }
    run(() => row.reload());
    // Many changes at once are shown at once.
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      show();
    });
  }

  async function exportAs(format, button) {
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    await download(member, format, signal).finally(() => (button.ariaBusy = 'false'));
  }

  parts.search.addEventListener('input', () => {
    matches = titleMatcher(parts.search.value);
    show();
    run(fill);
  });
  parts.moreButton.addEventListener('click', () => run(readNext));
  const sight = new IntersectionObserver(() => run(fill), { rootMargin: `${readAheadPx}px` });
  sight.observe(parts.more);
  signal.addEventListener('abort', () => sight.disconnect());
  parts.hideAll.addEventListener('click', () => parts.confirm.showModal());
  parts.keepAll.addEventListener('click', () => parts.confirm.close());
  parts.confirmHideAll.addEventListener('click', () => {
    parts.confirm.close();
    parts.watchedHeading.focus({ preventScroll: true });
    run(hiding.everything);
  });
  for (const button of [parts.exportCsv, parts.exportNdjson]) {
    button.addEventListener('click', () => run(() => exportAs(button.dataset.format, button)));
  }

  run(reload);
  return {
    onState(state) {
      parts.connection.dataset.state = state;
      parts.connection.textContent = connectionNames[state];
    },
    onFrame: take,
    onGap: () => run(reload),
  };
}

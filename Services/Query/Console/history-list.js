import { element, isolated, KeyedList } from './dom.js';
import { clock, dayKey, dayName, place, progress, span } from './format.js';

/** Sessions grouped by the day on which they began. */
export class HistoryList {
  #days;

  constructor(parent, onHide) {
    this.#days = new KeyedList(parent, (day) => day.key, () => daySection(onHide));
  }

  show(sessions) {
    const days = new Map();
    for (const session of sessions) {
      const key = dayKey(session.startedAt);
      if (!days.has(key)) days.set(key, { key, sessions: [] });
      days.get(key).sessions.push(session);
    }
    this.#days.show([...days.values()]);
  }
}

function daySection(onHide) {
  const heading = element('h3');
  const list = element('ol');
  const rows = new KeyedList(list, (session) => session.sessionId, () => sessionRow(onHide));
  return {
    element: element('section', {}, heading, list),
    update({ sessions }) {
      heading.textContent = dayName(sessions[0].startedAt);
      rows.show(sessions);
    },
  };
}

function sessionRow(onHide) {
  const title = element('p', { className: 'title' });
  const bar = progressBar();
  const facts = element('p', { className: 'facts quiet' });
  const hide = element('button', { type: 'button', textContent: 'Hide' });
  const row = element('li', { className: 'session' }, element('div', {}, title, bar.element, facts), hide);
  let shown;
  hide.addEventListener('click', () => onHide(shown));
  return {
    element: row,
    update(session) {
      if (shown?.revision === session.revision) return;
      shown = session;
      row.dataset.session = session.sessionId;
      title.replaceChildren(isolated(session.titleId));
      hide.ariaLabel = `Hide ${session.titleId}`;
      bar.update(session);
      facts.replaceChildren(...factsOf(session).flatMap((fact, index) => (index === 0 ? [fact] : [' · ', fact])));
    },
  };
}

function factsOf({ startedAt, positionMs, runtimeMs, watchedMs, completed, deviceType, deviceId, missingEvents, approximate }) {
  const device = deviceType ?? deviceId;
  return [
    element('time', { dateTime: startedAt, textContent: clock(startedAt) }),
    completed
      ? element('span', { className: 'completed', textContent: '✓ Completed' })
      : element('span', { className: 'place', textContent: `at ${placeOf(positionMs, runtimeMs)}` }),
    `watched ${span(watchedMs)}`,
    ...(device === undefined ? [] : [isolated(device)]),
    ...(missingEvents > 0 ? [`${missingEvents} ${missingEvents === 1 ? 'event' : 'events'} missing`] : []),
    ...(approximate ? ['approximate'] : []),
  ];
}

export function placeOf(positionMs, runtimeMs) {
  return runtimeMs > 0 ? `${place(positionMs)} of ${place(runtimeMs)}` : place(positionMs);
}

/** A bar that is there only where the runtime is known. */
export function progressBar() {
  const bar = element('progress', { max: 1, ariaLabel: 'Watched' });
  return {
    element: bar,
    update(item) {
      const share = progress(item);
      bar.hidden = share === undefined;
      if (share !== undefined) bar.value = share;
    },
  };
}

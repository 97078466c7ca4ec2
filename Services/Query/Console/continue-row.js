import { json, memberPath } from './api.js';
import { element, isolated, KeyedList } from './dom.js';
import { placeOf, progressBar } from './history-list.js';
import { sleep, untilAnswered } from './retry.js';

const limit = 20;
const atMostEveryMs = 500;

/** The titles to go on with. What belongs there follows from all sessions of a title, so each change asks the service. */
export class ContinueRow {
  #section;
  #cards;
  #path;
  #signal;
  #items = [];
  #concealed = new Set();
  #stale = false;
  #loading = false;

  constructor(section, list, member, signal, onRemove) {
    this.#section = section;
    this.#path = `${memberPath(member, 'continue-watching')}?limit=${limit}`;
    this.#signal = signal;
    this.#cards = new KeyedList(list, (item) => item.titleId, () => card(onRemove));
  }

  /** Reads the row anew; many calls at once make few requests. */
  async reload() {
    this.#stale = true;
    if (this.#loading) return;
    this.#loading = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        const answer = await untilAnswered(() => json(this.#path, { signal: this.#signal }), this.#signal, () => {});
        this.#items = answer.items;
        this.show();
        await sleep(atMostEveryMs, this.#signal);
      }
    } finally {
      this.#loading = false;
    }
  }

  conceal(titleId) {
    this.#concealed.add(titleId);
  }

  reveal(titleId) {
    this.#concealed.delete(titleId);
  }

  /** What takes a title out, or all of them; to be called once the service has agreed. */
  hiding(titleId) {
    return () => {
      this.#items = titleId === undefined ? [] : this.#items.filter((item) => item.titleId !== titleId);
    };
  }

  show() {
    const items = this.#items.filter(({ titleId }) => !this.#concealed.has(titleId));
    this.#section.hidden = items.length === 0;
    this.#cards.show(items);
  }
}

function card(onRemove) {
  const title = element('p', { className: 'title' });
  const bar = progressBar();
  const place = element('span', { className: 'place' });
  const remove = element('button', { type: 'button', textContent: 'Remove' });
  const item = element('li', { className: 'card' }, title, bar.element, element('div', { className: 'foot' }, place, remove));
  let titleId;
  remove.addEventListener('click', () => onRemove(titleId));
  return {
    element: item,
    update(bookmark) {
      titleId = bookmark.titleId;
      item.dataset.title = titleId;
      title.replaceChildren(isolated(titleId));
      remove.ariaLabel = `Remove ${titleId} from continue watching`;
      place.textContent = placeOf(bookmark.positionMs, bookmark.runtimeMs);
      bar.update(bookmark);
    },
  };
}

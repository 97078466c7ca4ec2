// The few things that building the page needs. Text only ever becomes text nodes and attributes, never markup.

/** An element with properties set and children added. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Text of a stranger, whose direction must not leak into its surroundings. */
export function isolated(text) {
  return element('bdi', {}, text);
}

/** Fills `main` from a template, and answers its `data-part` elements by name. */
export function openView(templateId) {
  const main = document.getElementById('main');
  main.replaceChildren(document.getElementById(templateId).content.cloneNode(true));
  const parts = {};
  for (const part of main.querySelectorAll('[data-part]')) parts[part.dataset.part] = part;
  return parts;
}

/**
 * Keeps the children of `parent` in step with a list, one element for each key. Elements are reused and moved only where
 * the order changed, so that focus and scrolling stay where they were.
 */
export class KeyedList {
  #parent;
  #key;
  #create;
  #rows = new Map();

  /** `create(item)` answers `{ element, update(item) }`; `update` is called right after it, too. */
  constructor(parent, key, create) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  show(items) {
    const focused = document.activeElement;
    this.#removeAllBut(new Set(items.map(this.#key)));
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const row = this.#rowFor(item);
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(row.element, place);
    }
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  }

  #rowFor(item) {
    const key = this.#key(item);
    if (!this.#rows.has(key)) this.#rows.set(key, this.#create(item));
    return this.#rows.get(key);
  }

  #removeAllBut(kept) {
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
  }
}

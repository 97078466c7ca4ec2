import { element, isolated } from './dom.js';

/** A section with a table that is shown anew by `show(items)`. `columns` is a list of `{ name, value(item) }`. */
export class TableSection {
  #columns;
  #none;
  #body;

  /** `none` is said where there are no items. */
  constructor(parent, name, columns, none) {
    this.#columns = columns;
    this.#none = none;
    this.#body = element('div', { className: 'wide', tabIndex: 0, role: 'region', ariaLabel: name });
    parent.append(element('section', {}, element('h2', { textContent: name }), this.#body));
  }

  show(items) {
    this.#body.replaceChildren(items?.length > 0 ? this.#table(items) : this.#word(items ? this.#none : 'Not known at the moment.'));
  }

  #table(items) {
    const head = this.#columns.map(({ name }) => element('th', { scope: 'col', textContent: name }));
    const rows = items.map((item) => {
      const [first, ...others] = this.#columns.map(({ value }) => value(item));
      return element('tr', {}, element('th', { scope: 'row' }, isolated(first)), ...others.map((textContent) => element('td', { textContent })));
    });
    return element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  }

  #word(textContent) {
    return element('p', { className: 'quiet', textContent });
  }
}

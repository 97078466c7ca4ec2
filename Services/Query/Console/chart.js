import { element } from './dom.js';

const width = 300;
const height = 80;

/** A line chart of one or two series over a window of time, with the latest values in words beside it. */
export class Chart {
  #windowMs;
  #format;
  #lines;
  #drawing = shape('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' });
  #name;
  #most = element('span');

  /** `series` is a list of `{ name, value(sample) }`; a value that is not known leaves a gap. */
  constructor({ name, series, format, windowMs }) {
    this.#name = name;
    this.#format = format;
    this.#windowMs = windowMs;
    this.#lines = series.map(({ name, value }, index) => {
      const path = shape('path', { class: `line line-${index}` });
      this.#drawing.append(path);
      return { name, value, path, latest: element('span', { className: 'value' }) };
    });
  }

  get element() {
    const values = this.#lines.map(({ name, latest }, index) =>
      element('span', { className: `key key-${index}` }, latest, name === '' ? '' : ` ${name}`));
    return element('figure', { className: 'chart' },
      element('figcaption', {}, element('span', { className: 'name', textContent: this.#name }), ...values),
      this.#drawing,
      element('p', { className: 'axis quiet' }, element('span', { textContent: '5 min ago' }), this.#most, element('span', { textContent: 'now' })));
  }

  /** `samples` have `at`, in milliseconds, oldest first. */
  draw(samples, now) {
    const known = this.#lines.flatMap(({ value }) => samples.map(value)).filter((value) => value != null);
    const top = roundedUp(Math.max(0, ...known));
    for (const { value, path, latest } of this.#lines) {
      path.setAttribute('d', this.#path(samples, value, top, now));
      latest.textContent = this.#format(samples.length === 0 ? null : value(samples.at(-1)));
    }
    this.#most.textContent = `scale to ${this.#format(top)}`;
    const latest = this.#lines.map((line) => `${line.latest.textContent} ${line.name}`.trim()).join(', ');
    this.#drawing.setAttribute('aria-label', `${this.#name}, last five minutes: now ${latest}`);
  }

  #path(samples, value, top, now) {
    let path = '';
    let isOpen = false;
    for (const sample of samples) {
      const y = value(sample);
      if (y == null) {
        isOpen = false;
        continue;
      }
      const at = `${round(width * (1 - (now - sample.at) / this.#windowMs))} ${round(height - 1 - (height - 2) * (y / top))}`;
      // A line of no length ends in round caps: a point on its own is seen, too.
      path += isOpen ? `L${at}` : `M${at}h0`;
      isOpen = true;
    }
    return path;
  }
}

function shape(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

/** The next of 1, 2, 5, 10, 20, … */
function roundedUp(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

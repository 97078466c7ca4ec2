// Numbers and times as people read them, in the time zone of the reader.

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const longDay = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

const unknown = '–';

export function count(value) {
  return value == null ? unknown : counts.format(value);
}

/** A place in a title: `m:ss`, from an hour on `h:mm:ss`. */
export function place(ms) {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const twoDigits = (value) => String(value % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(seconds)}` : `${minutes}:${twoDigits(seconds)}`;
}

/** How long something was watched. */
export function span(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A delay or an age, from milliseconds up. */
export function delay(ms) {
  if (ms == null) return unknown;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${counts.format(ms / 1000)} s` : span(ms);
}

export function bytes(value) {
  if (value == null) return unknown;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${counts.format(value / 1024 ** step)} ${units[step]}`;
}

export function clock(time) {
  return timeOfDay.format(new Date(time));
}

/** The same for all times of one day of the reader's calendar. */
export function dayKey(time) {
  return new Date(time).toDateString();
}

export function dayName(time) {
  const now = new Date();
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(time) === dayKey(now)) return 'Today';
  return dayKey(time) === dayKey(yesterday) ? 'Yesterday' : longDay.format(new Date(time));
}

/** From 0 to 1, or undefined where the runtime is not known. */
export function progress({ positionMs, runtimeMs, completed }) {
  if (completed) return 1;
  return runtimeMs > 0 ? Math.min(1, Math.max(0, positionMs / runtimeMs)) : undefined;
}

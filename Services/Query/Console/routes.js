// Which view the address names. The fragment never leaves the browser, and never holds a token.

import { encode } from './api.js';

export function historyRoute(member) {
  return `#/history/${encode(member)}`;
}

/** `{ view, member }`; whatever cannot be understood is the history of nobody in particular. */
export function parseRoute(hash) {
  const [, view, member] = hash.split('/');
  if (view === 'pipeline') return { view };
  return { view: 'history', member: decode(member) };
}

function decode(text) {
  try {
    return decodeURIComponent(text ?? '') || undefined;
  } catch {
    return undefined;
  }
}

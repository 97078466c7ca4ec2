import { memberPath, request, unreachable } from './api.js';
import { element } from './dom.js';

/** Downloads the history as a file. By fetch, since a link could carry the token only in its address. */
export async function download(member, format, signal) {
  const path = `${memberPath(member, 'history', 'export')}?format=${format}`;
  const response = await request(path, { signal, withinMs: 0 });
  const file = await response.blob().catch(() => {
    signal.throwIfAborted();
    throw unreachable();
  });
  const address = URL.createObjectURL(file);
  element('a', { href: address, download: `history-${fileName(member)}.${format}` }).click();
  // The browser has taken the file over by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function fileName(member) {
  return member.replace(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 64);
}

// The reader's token: in this tab's session storage and in the Authorization header, nowhere else.

const key = 'playhead.token';

/** Sends `refused` (detail: why) when the service asks for a token or for another one. */
export const changes = new EventTarget();

export function current() {
  return sessionStorage.getItem(key);
}

/** Answers whether the text can be a token at all; what no header can carry is never kept. */
export function keep(text) {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  if (!/^[\w\-.~+/=]+$/.test(token)) return false;
  sessionStorage.setItem(key, token);
  return true;
}

export function forget() {
  sessionStorage.removeItem(key);
}

export function refuse(reason) {
  changes.dispatchEvent(new CustomEvent('refused', { detail: reason }));
}

/** The member whose token this is. Only a convenience: the service alone verifies tokens. */
export function subject() {
  try {
    const payload = current().split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const utf8 = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(utf8));
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}

// Requests to the query service. Addresses are relative, so that the console also works below a path of a reverse proxy.

import * as token from './token.js';

const answerWithinMs = 10_000;

/** The service said no, or nothing at all (status 0). The message is meant for the reader. */
export class Problem extends Error {
  constructor(status, message, retryAfterMs = 0) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = () => new Problem(0, 'The service cannot be reached.');

/** Half a surrogate pair cannot be encoded; it becomes U+FFFD. */
export function encode(text) {
  return encodeURIComponent(text.toWellFormed?.() ?? text.replace(/\p{Surrogate}/gu, '\u{FFFD}'));
}

/**
 * The path of a member's resource. Browsers resolve the parts `.` and `..`, encoded or not, so that hiding a title of that
 * name would ask for something else: the whole history, or worse.
 */
export function memberPath(member, ...parts) {
  const encoded = [member, ...parts].map(encode);
  if (encoded.some((part) => /^\.\.?$/.test(part))) throw new Problem(400, 'A browser cannot ask for the id “.” or “..”.');
  return `v1/members/${encoded.join('/')}`;
}

export async function json(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch {
    options?.signal?.throwIfAborted();
    throw unreachable();
  }
}

/** Answers with a response of 2xx, or throws a `Problem`. `withinMs` covers the body, too. */
export async function request(path, { method = 'GET', headers = {}, signal, keepalive = false, withinMs = answerWithinMs } = {}) {
  const used = token.current();
  const signals = [signal, withinMs && AbortSignal.timeout(withinMs)].filter(Boolean);
  let response;
  try {
    response = await fetch(path, {
      method,
      keepalive,
      headers: used ? { ...headers, Authorization: `Bearer ${used}` } : headers,
      signal: AbortSignal.any(signals),
      credentials: 'omit',
      cache: 'no-store', // A history has no business on the reader's disk.
    });
  } catch {
    signal?.throwIfAborted();
    throw unreachable();
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  signal?.throwIfAborted();
  if (response.status === 401 && used === token.current()) token.refuse(problem.message);
  throw problem;
}

async function problemOf(response) {
  const { detail, title } = await response.json().catch(() => ({})) ?? {};
  const retryAfterMs = 1000 * (Number(response.headers.get('Retry-After')) || 0);
  return new Problem(response.status, String(detail ?? title ?? `The service answered ${response.status}.`), retryAfterMs);
}

/** Tells whether a title contains a text, whatever the case and the accents. `all` says that it matches everything. */
export function titleMatcher(text) {
  const wanted = fold(text.trim());
  return Object.assign((title) => fold(title).includes(wanted), { all: wanted === '' });
}

function fold(text) {
  return text.normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase();
}

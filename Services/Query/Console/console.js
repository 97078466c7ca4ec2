// Chooses the view by the address, and asks for a token where the service wants one.

import { request } from './api.js';
import { openView } from './dom.js';
import { showHistory } from './history.js';
import { showPipeline } from './pipeline.js';
import { historyRoute, parseRoute } from './routes.js';
import * as token from './token.js';
import { settle } from './undo.js';

const main = document.getElementById('main');
const links = [...document.querySelectorAll('nav a')];
let view = new AbortController();

/** Ends the view before, so that nothing of it can appear any more. */
function begin() {
  settle();
  view.abort();
  view = new AbortController();
  document.getElementById('owner').hidden = token.current() === null;
  document.getElementById('subject').textContent = token.subject() ?? 'nobody';
  return view.signal;
}

function showRoute() {
  const route = parseRoute(location.hash);
  const member = route.member ?? token.subject();
  if (route.view === 'history' && route.member === undefined && member !== undefined) {
    location.replace(historyRoute(member));
    return;
  }
  const signal = begin();
  for (const link of links) {
    link.ariaCurrent = link.dataset.view === route.view ? 'page' : null;
  }
  if (route.view === 'pipeline') {
    document.title = 'Pipeline · Playhead';
    showPipeline(signal);
    return;
  }
  document.title = 'History · Playhead';
  links[0].href = member === undefined ? '#/history' : historyRoute(member);
  showHistory(member, signal);
  // Asks for nothing in particular: with no member there is no other request that would tell that a token is needed.
  if (member === undefined && token.current() === null) request('v1/ops/pipeline', { signal }).catch(() => {});
}

function askForToken(reason) {
  begin();
  const { notice, form } = openView('token-view');
  notice.textContent = reason;
  form.token.focus();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (token.keep(form.token.value)) showRoute();
    else notice.textContent = 'This is not a token.';
  });
}

token.changes.addEventListener('refused', ({ detail }) => askForToken(detail));

document.getElementById('forget').addEventListener('click', () => {
  settle();
  token.forget();
  if (location.hash === '#/history') showRoute();
  else location.hash = '#/history';
});

// The fragment is the route, so a link to #main would leave the view.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

addEventListener('hashchange', () => {
  showRoute();
  if (document.activeElement === document.body || links.includes(document.activeElement)) main.querySelector('h1').focus();
});

showRoute();

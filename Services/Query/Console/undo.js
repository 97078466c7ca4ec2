// One action at a time that can be taken back: it is carried out only when its time is over, when the next one begins, or
// when the reader leaves.

const decideWithinMs = 8000;

const toast = document.getElementById('toast');
const text = toast.querySelector('p');
const button = toast.querySelector('button');
let offered;

/**
 * The message is a list of texts and nodes, `neighbour` the element to go on from when the time is over. `commit` must
 * begin its request at once, and one that outlives the page.
 */
export function offer({ message, neighbour, commit, revert }) {
  settle();
  text.replaceChildren(...message);
  button.hidden = false;
  toast.classList.add('shown');
  offered = { neighbour, commit, revert, timer: setTimeout(settle, decideWithinMs) };
  // The button that was pressed is gone; from here the next Tab leads to Undo.
  toast.focus({ preventScroll: true });
}

/** Carries out what is waiting to be undone. */
export function settle() {
  if (offered === undefined) return;
  const { commit } = close();
  commit();
}

function undo() {
  const { revert } = close();
  revert();
}

function close() {
  const closed = offered;
  offered = undefined;
  clearTimeout(closed.timer);
  if (toast.contains(document.activeElement)) {
    const next = closed.neighbour?.isConnected ? closed.neighbour : document.getElementById('main');
    next.focus({ preventScroll: true });
  }
  text.textContent = '';
  button.hidden = true;
  toast.classList.remove('shown');
  return closed;
}

button.addEventListener('click', undo);

// Who has reached the button by keyboard gets the time to decide.
button.addEventListener('focus', () => clearTimeout(offered?.timer));
button.addEventListener('blur', () => {
  if (offered !== undefined) offered.timer = setTimeout(settle, decideWithinMs);
});

toast.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') settle();
});
addEventListener('pagehide', settle);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') settle();
});

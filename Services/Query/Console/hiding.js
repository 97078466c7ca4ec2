import { memberPath, request } from './api.js';
import { isolated } from './dom.js';
import { offer, settle } from './undo.js';

/**
 * What takes titles out of sight at once, and asks the service for it when it can no longer be undone. `show()` shows what
 * store and row have, `tell(message)` speaks to the reader.
 */
export function hidingFor({ member, store, row, show, tell }) {
  /** The request outlives the page, as the reader may be leaving it. */
  async function ask(path, titleId, places) {
    const hidings = places.map((place) => place.hiding(titleId));
    await request(path, { method: 'DELETE', keepalive: true });
    for (const hide of hidings) hide();
  }

  function hide({ message, path, titleId, places, button }) {
    const buttons = [...document.querySelectorAll('main li button')];
    const pressed = buttons.indexOf(document.querySelector(button));
    const reveal = () => {
      for (const place of places) place.reveal(titleId);
      show();
    };
    for (const place of places) place.conceal(titleId);
    show();
    offer({
      message: [message, isolated(titleId)],
      neighbour: [...buttons.slice(pressed), ...buttons.slice(0, pressed).reverse()].find(({ isConnected }) => isConnected),
      revert() {
        reveal();
        document.querySelector(button)?.focus({ preventScroll: true });
      },
      async commit() {
        try {
          await ask(path, titleId, places);
        } catch (problem) {
          tell(`Not hidden. ${problem.message}`);
        }
        reveal();
      },
    });
  }

  return {
    title({ titleId, sessionId }) {
      const path = memberPath(member, 'history', titleId);
      hide({ message: 'Hidden: ', path, titleId, places: [store, row], button: `[data-session="${CSS.escape(sessionId)}"] button` });
    },
    fromRow(titleId) {
      const path = memberPath(member, 'continue-watching', titleId);
      hide({ message: 'Not to be continued: ', path, titleId, places: [row], button: `[data-title="${CSS.escape(titleId)}"] button` });
    },
    async everything() {
      settle();
      await ask(memberPath(member, 'history'), undefined, [store, row]);
      show();
    },
  };
}

/**
 * Server-sent events of a response's body, as `{ id, event, data }`. EventSource has no way to send a token but in the
 * address, so the stream is read by hand. `onBytes` is called for whatever arrives, heartbeats included.
 */
export async function* eventStream(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let frame = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    // A CR at the end may be the first half of a CRLF.
    const lines = (text + value).split(/\r\n|\n|\r(?!$)/);
    text = lines.pop();
    for (const line of lines) {
      if (line !== '') {
        readField(line, frame);
        continue;
      }
      if (frame.id !== undefined || frame.data !== undefined) yield frame;
      frame = {};
    }
  }
}

function readField(line, frame) {
  const [, name, value] = line.match(/^([^:]*):? ?(.*)$/s);
  if (name === 'data') frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`;
  else if (name === 'event' || name === 'id') frame[name] = value;
}

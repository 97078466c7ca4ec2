from console_test import QUERY_URL, ConsoleTest, without_tokens

STREAM = """: hello
id: 1

event: session
id:2
data: {"a":
data: "é🎬"}

: beat

data

data: cut off"""
FRAMES = [{"id": "1"}, {"id": "2", "event": "session", "data": '{"a":\n"é🎬"}'}, {"data": ""}]

READ = """async ({ stream, size }) => {
    const { eventStream } = await import('/console/event-stream.js');
    const bytes = new TextEncoder().encode(stream);
    const body = new ReadableStream({
        start(controller) {
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
            controller.close();
        },
    });
    const frames = [];
    for await (const frame of eventStream(body, () => {})) frames.push(frame);
    return frames;
}"""


@without_tokens
class EventStreamTest(ConsoleTest):
    def test_is_read_however_the_network_cuts_it(self):
        self.page.goto(QUERY_URL)
        for line_end in ("\n", "\r\n", "\r"):
            stream = STREAM.replace("\n", line_end)
            for size in (*range(1, 12), len(stream.encode())):
                with self.subTest(line_end=line_end, size=size):
                    self.assertEqual(self.page.evaluate(READ, {"stream": stream, "size": size}), FRAMES)

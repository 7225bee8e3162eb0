// What the stories share: spoken questions from the server itself, and a note of every event.
import { writeFileSync } from 'node:fs';

const received = {};

export function note(event) {
  received[event.type] = (received[event.type] ?? 0) + 1;
}

export function report() {
  if (process.env.EVENTS_FILE) writeFileSync(process.env.EVENTS_FILE, JSON.stringify(received));
}

export async function spoken(text) {
  const answer = await fetch(`${process.env.OPENAI_BASE_URL}/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', voice: 'echo', input: text, response_format: 'pcm' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return Buffer.concat([Buffer.from(await answer.arrayBuffer()), Buffer.alloc(48_000)]);
}

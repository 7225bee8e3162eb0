// What the stories share: spoken questions from the server itself, and a note of every event that passes.
import { writeFileSync } from 'node:fs';
import WebSocket from 'ws';

const dialects = new WeakMap();
const passed = {};
const { emit, send } = WebSocket.prototype;

WebSocket.prototype.emit = function (happening, ...rest) {
  if (happening === 'upgrade') {
    const isBeta = `${this._req.getHeader('openai-beta')}`.includes('realtime=v1');
    dialects.set(this, isBeta ? 'beta' : 'ga');
  }
  if (happening === 'message') note(this, 'received', rest[0]);
  return emit.call(this, happening, ...rest);
};

WebSocket.prototype.send = function (data, ...rest) {
  note(this, 'sent', data);
  return send.call(this, data, ...rest);
};

function note(socket, direction, data) {
  const key = `${dialects.get(socket)} ${direction} ${JSON.parse(data.toString()).type}`;
  passed[key] = (passed[key] ?? 0) + 1;
}

// The keys are a dialect, `sent` or `received`, and a type.
export function report() {
  if (process.env.EVENTS_FILE) writeFileSync(process.env.EVENTS_FILE, JSON.stringify(passed));
}

// 16-bit samples at 24 kHz, with a second of silence after them.
export async function spoken(text) {
  const answer = await fetch(`${process.env.OPENAI_BASE_URL}/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', voice: 'echo', input: text, response_format: 'pcm' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return Buffer.concat([Buffer.from(await answer.arrayBuffer()), Buffer.alloc(48_000)]);
}

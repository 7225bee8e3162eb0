// openai-node, which speaks TLS alone: both dialects, text and speech.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { OpenAIRealtimeWS as BetaRealtimeWS } from 'openai/beta/realtime/ws';
import { report, spoken } from './speaking.mjs';

const client = new OpenAI({ apiKey: 'sk-any', baseURL: process.env.OPENAI_BASE_URL });

function until(socket, kind) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const timer = setTimeout(() => reject(new Error(`no ${kind} came; there were ${seen.map((event) => event.type)}`)), 60_000);
    const listener = (event) => {
      seen.push(event);
      if (event.type === 'error') reject(new Error(JSON.stringify(event)));
      if (event.type === kind) {
        clearTimeout(timer);
        socket.off('event', listener);
        resolve(seen);
      }
    };
    socket.on('event', listener);
    socket.on('error', reject);
  });
}

function joined(seen, kind) {
  return seen.filter((event) => event.type === kind).map((event) => event.delta).join('');
}

async function current() {
  const socket = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, client);
  await until(socket, 'session.created');
  const input = { transcription: { model: 'gpt-4o-mini-transcribe' } };
  const instructions = 'Answer in one short sentence.';
  socket.send({ type: 'session.update', session: { type: 'realtime', instructions, audio: { input } } });
  await until(socket, 'session.updated');
  const audio = await spoken('What is the capital of Italy?');
  const heard = until(socket, 'conversation.item.input_audio_transcription.completed');
  const answered = until(socket, 'response.done');
  for (let start = 0; start < audio.length; start += 9600) {
    socket.send({ type: 'input_audio_buffer.append', audio: audio.subarray(start, start + 9600).toString('base64') });
  }
  const seen = await answered;
  assert.match((await heard).at(-1).transcript, /capital/i);
  assert.notEqual(joined(seen, 'response.output_audio_transcript.delta'), '');
  assert.ok(seen.some((event) => event.type === 'response.output_audio.delta'));
  socket.close();
}

async function beta() {
  const socket = new BetaRealtimeWS({ model: 'gpt-4o-realtime-preview' }, client);
  await until(socket, 'session.created');
  socket.send({ type: 'session.update', session: { modalities: ['text'], turn_detection: null } });
  await until(socket, 'session.updated');
  const content = [{ type: 'input_text', text: 'What is the capital of Spain?' }];
  const answered = until(socket, 'response.done');
  socket.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  socket.send({ type: 'response.create' });
  const seen = await answered;
  assert.match(joined(seen, 'response.text.delta'), /Madrid/);
  assert.ok(seen.every((event) => !event.type.includes('output_text')));
  socket.close();
}

await current();
await beta();
report();

// @openai/agents-realtime over a WebSocket: text, speech and a tool.
import assert from 'node:assert/strict';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';
import { note, report, spoken } from './speaking.mjs';

const called = [];
const weather = tool({
  name: 'get_weather',
  description: 'Get the weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    called.push(city);
    return `It snows in ${city}.`;
  },
});
const url = `${process.env.OPENAI_BASE_URL.replace('http', 'ws')}/realtime?model=gpt-realtime`;
const agent = new RealtimeAgent({
  name: 'helper',
  instructions: 'Answer in one short sentence. Use the tool for weather.',
  tools: [weather],
});
const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket({ url }), model: 'gpt-realtime' });
session.transport.on('*', note);
session.on('error', (fault) => {
  console.error(fault);
  process.exit(1);
});

function done() {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer came')), 60_000);
    const listener = (event) => {
      if (event.type !== 'response.done') return;
      clearTimeout(timer);
      session.transport.off('*', listener);
      resolve(event.response);
    };
    session.transport.on('*', listener);
  });
}

await session.connect({ apiKey: 'sk-any' });
let answered = done();
session.sendMessage('What is the capital of France?');
assert.match(JSON.stringify((await answered).output), /Paris/);

answered = done();
const audio = await spoken('What is the capital of Italy?');
session.sendAudio(audio.buffer.slice(audio.byteOffset, audio.byteOffset + audio.length));
assert.match(JSON.stringify((await answered).output), /Rome/);

session.sendMessage('Use the tool: what is the weather in Oslo?');
for (let turn = 0; turn < 3 && called.length === 0; turn += 1) await done();
await done();
assert.match(called[0], /Oslo/);
session.close();
report();
process.exit(0);

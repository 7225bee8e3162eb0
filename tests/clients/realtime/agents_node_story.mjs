// @openai/agents-realtime over a WebSocket: text, speech, and an agent with a tool.
import assert from 'node:assert/strict';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';
import { note, report, spoken } from './speaking.mjs';

const url = `${process.env.OPENAI_BASE_URL.replace('http', 'ws')}/realtime?model=gpt-realtime`;
const instructions = 'Answer in one short sentence.';

async function connected(agent) {
  const transport = new OpenAIRealtimeWebSocket({ url });
  const session = new RealtimeSession(agent, { transport, model: 'gpt-realtime' });
  session.transport.on('*', note);
  session.on('error', (fault) => {
    console.error(fault);
    process.exit(1);
  });
  await session.connect({ apiKey: 'sk-any' });
  return session;
}

function done(session) {
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

async function talks() {
  const session = await connected(new RealtimeAgent({ name: 'helper', instructions }));
  let answered = done(session);
  session.sendMessage('What is the capital of France?');
  assert.match(JSON.stringify((await answered).output), /Paris/);

  const audio = await spoken('What is the capital of Italy?');
  answered = done(session);
  session.sendAudio(audio.buffer.slice(audio.byteOffset, audio.byteOffset + audio.length));
  let response = await answered;
  while (response.status !== 'completed') response = await done(session); // a pause may end a turn, and cut its answer
  assert.notEqual(response.output[0].content[0].transcript, '');
  session.close();
}

async function usesTools() {
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
  const session = await connected(new RealtimeAgent({ name: 'helper', instructions, tools: [weather] }));
  session.sendMessage('What is the weather in Oslo?');
  let response;
  do {
    response = await done(session); // the call ends a response of its own
  } while (!called.some((city) => city.includes('Oslo')) || response.output.every((item) => item.type !== 'message'));
  session.close();
}

await talks();
await usesTools();
report();
process.exit(0);

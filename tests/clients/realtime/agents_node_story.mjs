// @openai/agents-realtime: text, speech into an open microphone, an interruption by voice, and an agent with a tool.
import assert from 'node:assert/strict';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';
import { report, spoken } from './speaking.mjs';

const url = `${process.env.OPENAI_BASE_URL.replace('http', 'ws')}/realtime?model=gpt-realtime`;
const CHUNK_MS = 100;
const CHUNK_BYTES = 4800;
const AHEAD_BYTES = 200_000; // four seconds, so that there is something that nobody heard
const WITHIN_MS = 60_000;
const MOST_INTERRUPTED = 4;
const MOST_ASKED = 4; // half a billion parameters do not call a tool every time

// An event that fits none of the library's own types is told in `*` alone.
class StrictTransport extends OpenAIRealtimeWebSocket {
  emit(kind, ...rest) {
    if (kind === '*') {
      assert.equal(this.unread, undefined, 'an event that the library cannot read');
      this.unread = rest[0].type;
    } else if (kind === this.unread) {
      this.unread = undefined;
    }
    return super.emit(kind, ...rest);
  }
}

// A session of an agent, whose microphone is open all the time, and everything that came, from its first event on.
class Talk {
  heard = [];
  numAudioBytes = 0;
  numInterrupted = 0;
  #waiting = [];
  #unsaid = Buffer.alloc(0);

  constructor(agent) {
    this.session = new RealtimeSession(agent, { transport: new StrictTransport({ url }), model: 'gpt-realtime' });
    this.session.on('audio', (event) => (this.numAudioBytes += event.data.byteLength));
    this.session.on('audio_interrupted', () => (this.numInterrupted += 1));
    this.session.on('error', (fault) => {
      console.error(JSON.stringify(fault), fault);
      process.exit(1);
    });
    this.session.transport.on('*', (event) => {
      this.heard.push(event);
      this.#waiting = this.#waiting.filter((look) => !look());
    });
  }

  async begin() {
    await this.session.connect({ apiKey: 'sk-any' });
    this.microphone = setInterval(() => this.#sendChunk(), CHUNK_MS);
    return this;
  }

  say(samples) {
    this.#unsaid = Buffer.concat([this.#unsaid, samples]);
  }

  // The first event of a kind, from a place in what was heard on, whether it has come already or comes yet.
  until(kind, { since = 0, test = () => true } = {}) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const kinds = this.heard.slice(since).map((event) => event.type);
        reject(new Error(`no such ${kind} came; there were ${kinds}`));
      }, WITHIN_MS);
      const look = () => {
        const found = this.heard.find((event, place) => place >= since && event.type === kind && test(event));
        if (found === undefined) return false;
        clearTimeout(timer);
        resolve(found);
        return true;
      };
      if (!look()) this.#waiting.push(look);
    });
  }

  end() {
    clearInterval(this.microphone);
    this.session.close();
  }

  #sendChunk() {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    this.#unsaid.copy(chunk);
    this.#unsaid = this.#unsaid.subarray(CHUNK_BYTES);
    this.session.sendAudio(chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + CHUNK_BYTES));
  }
}

const isCompleted = (event) => event.response.status === 'completed';
const hasMessage = (event) => event.response.output.some((item) => item.type === 'message');

function transcriptOf(done) {
  const messages = done.response.output.filter((item) => item.type === 'message');
  return messages.flatMap((item) => item.content.map((part) => part.transcript)).join(' ');
}

async function talks() {
  const talk = await new Talk(new RealtimeAgent({ name: 'helper', instructions: 'Answer in one short sentence.' })).begin();
  talk.session.sendMessage('What is the capital of France?');
  assert.match(transcriptOf(await talk.until('response.done')), /Paris/);
  assert.ok(talk.numAudioBytes > 10_000, `${talk.numAudioBytes} bytes of audio`);

  const [since, numBytes] = [talk.heard.length, talk.numAudioBytes];
  talk.say(await spoken('What is the capital of Italy?'));
  const said = await talk.until('conversation.item.input_audio_transcription.completed', { since });
  assert.match(said.transcript, /capital/i);
  const answer = await talk.until('response.done', { since, test: isCompleted }); // a pause may cut one before
  assert.notEqual(transcriptOf(answer), '');
  assert.ok(talk.numAudioBytes > numBytes + 10_000, `${talk.numAudioBytes - numBytes} bytes of audio`);
  talk.end();
}

// What of an answer the listener did not hear, after an interruption by voice.
async function isInterrupted() {
  const instructions = 'You are a storyteller. Tell stories of at least three hundred words.';
  const talk = await new Talk(new RealtimeAgent({ name: 'teller', instructions })).begin();
  talk.session.sendMessage('Tell me a very long story about the sea.');
  const isAhead = () => talk.numAudioBytes > AHEAD_BYTES;
  const begun = await talk.until('response.output_audio.delta', { test: isAhead });
  talk.say(await spoken('Stop. I would like to ask you something else.'));
  const ended = await talk.until('response.done', { test: (event) => event.response.id === begun.response_id });
  assert.equal(ended.response.status, 'cancelled');
  assert.equal(ended.response.status_details.reason, 'turn_detected');
  assert.ok(talk.numInterrupted > 0);
  await talk.until('conversation.item.truncated', { test: (event) => event.item_id === begun.item_id });
  const kept = await talk.until('conversation.item.retrieved', { test: (event) => event.item.id === begun.item_id });
  talk.end();
  const [heard, told] = [kept.item.content[0].transcript, transcriptOf(ended)];
  assert.ok(told.startsWith(heard), `kept: ${heard}; told: ${told}`);
  return told.slice(heard.length);
}

async function isCutShort() {
  // A machine that is too busy speaks no faster than it is listened to, and then nothing is left to cut.
  for (let tried = 0; tried < MOST_INTERRUPTED; tried += 1) if ((await isInterrupted()) !== '') return;
  assert.fail('every answer was heard to its end');
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
  const instructions = 'Answer in one short sentence. Use the tool for weather.';
  const talk = await new Talk(new RealtimeAgent({ name: 'helper', instructions, tools: [weather] })).begin();
  const isResult = (event) => event.item.type === 'function_call_output' && event.item.output.includes('snows in Oslo');
  let answer = '';
  for (let asked = 0; asked < MOST_ASKED && !/snow/i.test(answer); asked += 1) {
    const since = talk.heard.length;
    talk.session.sendMessage('Use the tool: what is the weather in Oslo?');
    answer = transcriptOf(await talk.until('response.done', { since, test: hasMessage }));
    const place = talk.heard.findIndex((event) => event.type === 'conversation.item.added' && isResult(event));
    const speech = talk.heard.slice(place).filter((event) => event.type === 'response.output_audio.delta');
    if (place < 0 || speech.length === 0) answer = '';
  }
  assert.ok(called.some((city) => city.includes('Oslo')), `called for ${called}`);
  assert.match(answer, /snow/i);
  talk.end();
}

await talks();
await isCutShort();
await usesTools();
report();
process.exit(0);

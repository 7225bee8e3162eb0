// The official Node SDK speaks and hears, told nothing but another base URL (OPENAI_BASE_URL), on the embedded models.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI, { toFile } from 'openai';

const client = new OpenAI();
const input = 'Today is a wonderful day to build something people love!';

async function spoken() {
  const response = await client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'coral', input });
  return Buffer.from(await response.arrayBuffer());
}

test('speech is a file, and its transcription the text', async () => {
  const file = await toFile(await spoken(), 'speech.mp3');
  const transcription = await client.audio.transcriptions.create({ file, model: 'gpt-4o-transcribe' });

  assert.match(transcription.text, /wonderful day/);
  assert.equal(transcription.usage.type, 'tokens');
});

test('a transcription is streamed', async () => {
  const file = await toFile(await spoken(), 'speech.mp3');
  const stream = await client.audio.transcriptions.create({ file, model: 'gpt-4o-mini-transcribe', stream: true });

  let text = '';
  let done;
  for await (const event of stream) {
    if (event.type === 'transcript.text.delta') text += event.delta;
    if (event.type === 'transcript.text.done') done = event;
  }

  assert.equal(done.text, text);
});

test('words have times', async () => {
  const file = await toFile(await spoken(), 'speech.mp3');
  const transcription = await client.audio.transcriptions.create({
    file,
    model: 'whisper-1',
    response_format: 'verbose_json',
    timestamp_granularities: ['word'],
  });

  assert.equal(transcription.words[0].word, 'Today');
});

test('a translation is text', async () => {
  const file = await toFile(await spoken(), 'speech.mp3');
  const translation = await client.audio.translations.create({ file, model: 'whisper-1' });

  assert.match(translation.text, /wonderful/);
});

test('a chat is heard and spoken', async () => {
  const data = (await spoken()).toString('base64');
  const completion = await client.chat.completions.create({
    model: 'gpt-4o-mini-audio-preview',
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'wav' },
    max_completion_tokens: 16,
    messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'mp3' } }] }],
  });

  const { audio } = completion.choices[0].message;
  assert.ok(audio.transcript.length > 0);
  assert.equal(Buffer.from(audio.data, 'base64').subarray(0, 4).toString(), 'RIFF');
});

test('a voice that is not there is a bad request', async () => {
  await assert.rejects(
    client.audio.speech.create({ model: 'tts-1', voice: 'nobody', input }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === 'voice',
  );
});

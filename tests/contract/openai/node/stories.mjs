// The official Node SDK, told nothing but another base URL (OPENAI_BASE_URL), on the embedded models.
// Each story runs as a test of Node's own runner.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const client = new OpenAI();
const model = 'gpt-4o';

test('the quick start talks like a pirate', async () => {
  const completion = await client.chat.completions.create({
    model,
    messages: [
      { role: 'developer', content: 'Talk like a pirate.' },
      { role: 'user', content: 'Are semicolons optional in JavaScript?' },
    ],
    max_completion_tokens: 64,
  });

  assert.ok(completion.choices[0].message.content.length > 0);
  assert.match(completion._request_id, /^req_/);
});

test('a stream is read chunk by chunk', async () => {
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Say this is a test' }],
    max_tokens: 16,
    stream: true,
  });

  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';

  assert.ok(text.length > 0);
});

test('zodResponseFormat parses to an object of its schema', async () => {
  const Step = z.object({ explanation: z.string(), output: z.number() });
  const Lesson = z.object({
    steps: z.array(Step).max(3),
    kind: z.enum(['sum', 'product']),
    note: z.string().nullable(),
  });

  const completion = await client.chat.completions.parse({
    model,
    messages: [{ role: 'user', content: 'Explain in one short step how to add 2 and 3.' }],
    response_format: zodResponseFormat(Lesson, 'lesson'),
    temperature: 0,
  });

  assert.doesNotThrow(() => Lesson.parse(completion.choices[0].message.parsed));
});

test('a recursive zod schema is honoured', async () => {
  const Node = z.object({
    label: z.enum(['root', 'leaf']),
    get children() {
      return z.array(Node).max(2);
    },
  });

  const completion = await client.chat.completions.parse({
    model,
    messages: [{ role: 'user', content: 'A root with one leaf.' }],
    response_format: zodResponseFormat(Node, 'tree'),
    temperature: 0,
    max_completion_tokens: 400,
  });

  assert.doesNotThrow(() => Node.parse(completion.choices[0].message.parsed));
});

test('zodFunction arguments are parsed', async () => {
  const Weather = z.object({ city: z.string(), unit: z.enum(['C', 'F']) });

  const completion = await client.chat.completions.parse({
    model,
    messages: [{ role: 'user', content: 'What is the weather in Oslo, in C?' }],
    tools: [zodFunction({ name: 'get_weather', parameters: Weather })],
    tool_choice: 'required',
  });

  const call = completion.choices[0].message.tool_calls[0];
  assert.doesNotThrow(() => Weather.parse(call.function.parsed_arguments));
});

test('the tool runner carries a call out and answers', async () => {
  const asked = [];
  const runner = client.chat.completions.runTools({
    model,
    messages: [{ role: 'user', content: 'What is the temperature in Oslo right now?' }],
    temperature: 0,
    max_tokens: 64,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_temperature',
          description: 'Tell the present temperature in a city.',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: JSON.parse,
          function: ({ city }) => {
            asked.push(city);
            return '-7 degrees Celsius';
          },
        },
      },
    ],
  });

  const answer = await runner.finalContent();

  assert.equal(asked.length >= 1, true);
  assert.match(answer, /7/);
});

test('embeddings arrive as numbers', async () => {
  const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['A cat.', 'A dog.'] });

  assert.equal(answer.data.length, 2);
  assert.ok(answer.data[0].embedding.every(Number.isFinite));
});

test('errors are of the classes of the SDK', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'no-such-model', messages: [{ role: 'user', content: 'Hi' }] }),
    (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found',
  );
});

test('a stream that is left early is ended', async () => {
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Write a very long story.' }],
    stream: true,
  });

  for await (const chunk of stream) {
    assert.ok(chunk.id.startsWith('chatcmpl-'));
    break;
  }
});

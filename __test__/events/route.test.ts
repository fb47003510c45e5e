/** `GET /events` over both backends. */
import { ask, eventsAfter, servedMeter } from '../support/events';

const meter = servedMeter();
const type = meter.event('happened', { kind: 'lifecycle', attributes: { n: 'number' } });

test('after= names the event before the first that is wanted', async () => {
  for (let n = 1; n <= 5; n++) type.emit({ n });
  const all = (await ask(meter, '/events')).body;
  expect(all).toEqual(await eventsAfter(meter, 0));
  const { events, lost, last } = await eventsAfter(meter, 3);
  expect(events.map(({ seq }) => seq)).toEqual([4, 5]);
  expect({ lost, last }).toEqual({ lost: 0, last: 5 });
  expect(await eventsAfter(meter, 5)).toEqual({ events: [], lost: 0, last: 5 });
  // Whoever asks beyond the end, after the process was started anew, sees that from `last`.
  expect(await eventsAfter(meter, 1_000)).toEqual({ events: [], lost: 0, last: 5 });
});

test.each(['after=17&x=y', 'x=y&after=17', 'after=017', 'x=after'])(
  '%s is accepted',
  async (query) => {
    expect(await ask(meter, `/events?${query}`)).toMatchObject({ status: 200, body: { lost: 0 } });
  },
);

test.each([
  'after',
  'after=',
  'after=-1',
  'after=+1',
  'after=1.0',
  'after=1e3',
  'after=0x1',
  'after=%31',
  'after=1=1',
  'after=last',
  'after=9007199254740992',
  'after=1&after=2',
])('%s is refused', async (query) => {
  expect(await ask(meter, `/events?${query}`)).toEqual({
    status: 400,
    body: {
      error: {
        code: 'BAD_REQUEST',
        message: 'after is given once, as the seq of an event: 0 to 9007199254740991',
      },
    },
  });
});

test('it is in the list of routes, and only read', async () => {
  const list = await fetch(`${meter.inspection?.url ?? ''}/`);
  expect(await list.text()).toContain('/events');
  const put = await fetch(`${meter.inspection?.url ?? ''}/events`, { method: 'PUT', body: 'x' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

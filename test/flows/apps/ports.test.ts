import { describe, expect, test } from 'vitest';
import { linus, refusal, sharingSuite, webTarget } from './sharing-suite.ts';

const suite = sharingSuite();
const { share } = suite;

describe('a port', () => {
  const portOfWeb = async () => {
    const { host, cookie } = await suite.hosts.signIn('ada', suite.demo.id, webTarget);
    return Number((await suite.hosts.send(host, '/', { cookie })).body.split(' ')[1]);
  };

  test('has a host of its own, for the owner and the people it is shared with', async () => {
    const port = await portOfWeb();
    expect(suite.demo.portUrl).toBe(`${suite.berth.url.replace('http://', 'http://{port}--demo--ada.')}/`);
    const own = await suite.hosts.signIn('ada', suite.demo.id, { for: 'port', port });
    expect((await suite.hosts.send(own.host, '/', { cookie: own.cookie })).body).toBe(`web ${port}`);

    await expect(suite.hosts.ticketOf('linus', suite.demo.id, { for: 'port', port })).rejects.toEqual(
      refusal('not_found'),
    );
    await share({ kind: 'port', port }, linus);
    const url = suite.demo.portUrl.replace('{port}', String(port));
    expect((await suite.berth.as('linus').listShared()).items).toMatchObject([{ apps: [], ports: [{ port, url }] }]);
    const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, { for: 'port', port });
    expect((await suite.hosts.send(host, '/', { cookie })).body).toBe(`web ${port}`);
    const socket = await suite.hosts.socket(host, cookie);
    socket.terminate();
    await expect(suite.hosts.ticketOf('linus', suite.demo.id, { for: 'port', port: port + 1 })).rejects.toEqual(
      refusal('not_found'),
    );
    await expect(suite.hosts.ticketOf('linus', suite.demo.id, webTarget)).rejects.toEqual(refusal('not_found'));
  });

  test('on which nothing listens shows a page with the remedy', async () => {
    const { host, cookie } = await suite.hosts.signIn('ada', suite.demo.id, { for: 'port', port: 1 });
    const page = await suite.hosts.send(host, '/', { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' });
    expect(page).toMatchObject({ status: 502, body: expect.stringContaining('Nothing listens on port 1') });
  });

  test.each(['03000', '0', '65536', '+3000', '3e3', '-1', '３０００', '0x50', '99999999'])(
    'has one spelling only, not %s',
    async (spelled) => {
      const host = new URL(suite.demo.portUrl.replace('{port}', '1')).host.replace(/^1/, encodeURIComponent(spelled));
      const { cookie } = await suite.hosts.signIn('ada', suite.demo.id, { for: 'port', port: 3_000 });
      expect((await suite.hosts.send(host, '/', { cookie })).status).toBe(421);
    },
  );
});

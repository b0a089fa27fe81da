import { CoreSettings, Environment } from '@nakku/config';
import { bindContext, currentContext } from '@nakku/observability';
import fastify, { type FastifyInstance } from 'fastify';
import { trustGateway } from './gateway.js';
import { TokenService } from './token.service.js';

const tokens = new TokenService(new Environment({}).get(CoreSettings));

describe('what a service believes of a request', () => {
  let server: FastifyInstance;

  beforeAll(async () => {
    server = fastify();
    bindContext(server);
    trustGateway(server, tokens);
    server.get('/', ({ ip, protocol, host }) => {
      const { deadline } = currentContext();
      return { ip, protocol, host, seconds: deadline && Math.round((deadline - Date.now()) / 1000) };
    });
    await server.ready();
  });
  afterAll(() => server?.close());

  const TOLD = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-nakku-deadline-ms': '20000',
  };
  const seen = async (headers: Record<string, string>) => (await server.inject({ url: '/', headers })).json();

  it('is what the gateway tells with its token: the client’s address, scheme and host, and the time that is left', async () => {
    const token = await tokens.signService('gateway');
    expect(await seen({ ...TOLD, 'x-nakku-gateway': token })).toEqual({
      ip: '203.0.113.9',
      protocol: 'https',
      host: 'shop.example',
      seconds: 20,
    });
  });

  it.each([
    ['nobody says who tells it', async () => ({})],
    ['the token is made up', async () => ({ 'x-nakku-gateway': 'rubbish' })],
    ['another service tells it', async () => ({ 'x-nakku-gateway': await tokens.signService('order') })],
    [
      'an admin tells it',
      async () => ({ 'x-nakku-gateway': await tokens.signAccess({ id: 'a', roles: ['admin'], stores: [] }) }),
    ],
  ])('is what the connection tells where %s', async (_, more) => {
    expect(await seen({ ...TOLD, ...(await more()) })).toEqual({
      ip: '127.0.0.1',
      protocol: 'http',
      host: 'localhost:80',
    });
  });

  it('leaves out what the gateway does not tell', async () => {
    const token = await tokens.signService('gateway');
    expect(await seen({ 'x-nakku-gateway': token })).toEqual({
      ip: '127.0.0.1',
      protocol: 'http',
      host: 'localhost:80',
    });
  });
});

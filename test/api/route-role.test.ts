import fastify from 'fastify';
import t from 'tap';
import { requireRoles } from '../../src/api/route-role.js';

t.test('a route that says no role stops the start', async (t) => {
  const app = fastify();
  requireRoles(app);
  app.get('/safe', { config: { role: 'read' } }, () => 'safe');
  t.throws(() => app.post('/new', () => 'new'), {
    message: 'POST /new: no role: set config.role to one of read, operate, admin',
  });
});

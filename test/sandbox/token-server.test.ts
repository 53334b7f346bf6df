import assert from 'node:assert/strict';
import { SandboxKey } from '../../runtime/sandbox/sandbox-key.js';
import { TokenServer } from '../../runtime/sandbox/token-server.js';

describe('TokenServer', () => {
  const key = new SandboxKey('token-server-test-key');

  it('forgets the oldest token when there are more than 1,000', () => {
    const tokens = new TokenServer(key, () => 0);
    const issued = Array.from({ length: 1001 }, () => tokens.issue());
    assert.equal(tokens.isLive(issued[0] ?? ''), false);
    assert.equal(tokens.isLive(issued[1] ?? ''), true);
    assert.equal(tokens.revokeAll(), 1000);
  });

  it('issues no token twice, and other tokens for another key', () => {
    const tokens = new TokenServer(key, () => 0);
    const [first, second] = [tokens.issue(), tokens.issue()];
    assert.notEqual(first, second);
    assert.notEqual(first, new TokenServer(new SandboxKey('another-test-key'), () => 0).issue());
    assert.equal(first, new TokenServer(key, () => 0).issue());
  });
});

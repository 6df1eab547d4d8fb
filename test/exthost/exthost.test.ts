/** The extension's own suite (suite.ts) in VS Code's Node extension host and in its Web worker host. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { announceNotRun, whyNoBrowser } from '../e2e/harness/page.ts';
import { bundleSuite } from './bundle.ts';
import { type HostResult, runInNodeHost, runInWebHost } from './host.ts';

const why = whyNoBrowser();
if (why) announceNotRun('tests inside the extension hosts', why);

describe('the extension host', { skip: why ?? false, timeout: 300_000 }, () => {
  it('of Node', async () => {
    const tests = await bundleSuite('node');
    check(await runInNodeHost({ extension: '.', tests, workspace: 'examples' }));
  });

  it('of the Web', async () => {
    const tests = await bundleSuite('web');
    check(await runInWebHost({ extension: '.', tests, workspace: 'examples' }));
  });
});

function check({ passed, failed, log }: HostResult): void {
  console.log(log.match(/figure .*/g)?.join('\n') ?? '');
  assert.equal(failed, 0, log);
  assert.ok(passed > 20, log);
}

/**
 * Runs bundled test files, some at a time, each in a process of its own whose tests report by `test-events.mjs`.
 *
 * What a file has told is counted as it comes, so nothing is lost with one that has to be ended. A file that takes too long is
 * ended alone, with every process that it has started, and it is said which of its tests ran; the others go on.
 */

import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './own-node.mjs';
import { MARK } from './test-events.mjs';

const REPORTER = pathToFileURL(path.join(root, 'scripts/test-events.mjs')).href;
/** Elsewhere processes of a file are a group, which is ended as one. */
const IS_WINDOWS = process.platform === 'win32';

const running = new Set();
process.on('exit', () => {
  for (const child of running) end(child);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

/**
 * Runs `files` (`{ file, bundle }`), `atOnce` at a time; none takes longer than `fileSeconds`, all of them together not much
 * longer than `allSeconds`. Gives `{ passed, failed, skipped: [{ name, reason }], output }`.
 */
export async function runTestFiles(files, { atOnce, fileSeconds, allSeconds, name }) {
  const results = [];
  const deadline = performance.now() + allSeconds * 1000;
  const rest = files.map((entry, i) => ({ ...entry, i }));
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      const left = (deadline - performance.now()) / 1000;
      results[next.i] =
        left > 0
          ? await runTestFile(next, Math.min(fileSeconds, left), 0.75 * fileSeconds, name)
          : failure(next.file, `was not run: the stage took longer than ${allSeconds} s`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return {
    passed: sum(results.map(({ passed }) => passed)),
    failed: sum(results.map(({ failed }) => failed)),
    skipped: results.flatMap(({ skipped }) => skipped),
    output: results.map(({ output }) => output).join(''),
  };
}

function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}

function failure(file, why) {
  return { passed: 0, failed: 1, skipped: [], output: `\nFAILED ${file} ${why}\n` };
}

/** `seconds` for the file, `testSeconds` for a test of it. */
function runTestFile({ file, bundle }, seconds, testSeconds, name) {
  const result = { passed: 0, failed: 0, skipped: [], output: '' };
  const open = new Map();
  const args = [
    '--enable-source-maps',
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
    `--test-timeout=${testSeconds * 1000}`,
    ...(name ? [`--test-name-pattern=/${name.replaceAll('/', '\\/')}/i`] : []),
    bundle,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !IS_WINDOWS,
  });
  running.add(child);
  const take = (line) => {
    const at = line.indexOf(MARK);
    if (at !== 0) result.output += at < 0 ? `${line}\n` : line.slice(0, at);
    if (at >= 0) count(JSON.parse(line.slice(at + MARK.length)), file, open, result);
  };
  let cut = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (cut + text).split('\n');
    cut = lines.pop();
    for (const line of lines) take(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    result.output += text;
  });
  return new Promise((resolve) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end(child);
    }, seconds * 1000);
    const done = (why) => {
      clearTimeout(timer);
      running.delete(child);
      if (cut !== '') take(cut);
      if (why !== undefined) {
        result.failed++;
        result.output += `\nFAILED ${file} ${why}\n`;
      }
      resolve(result);
    };
    child.once('error', (error) => done(`does not run: ${error.message}`));
    // What it has started and left behind would keep its streams open.
    child.once('exit', () => end(child));
    child.once('close', (code, signal) => {
      if (isLate) done(`was ended after ${seconds.toFixed(0)} s: ${progressOf(open, result)}`);
      else if (code !== 0 && result.failed === 0) done(`ended with ${signal ?? `exit code ${code}`}`);
      else done();
    });
  });
}

function progressOf(open, { passed, failed }) {
  const names = [...open.keys()].map((key) => `'${key}'`).join(', ');
  const what = names === '' ? 'it told of no test that runs' : `${names} ran`;
  return `${what}; ${passed} had passed, ${failed} had failed`;
}

/** Counts what one test did. */
function count(event, file, open, result) {
  const { type, name, nesting, skip, todo, isGroup, text } = event;
  if (type === 'test:dequeue') open.set(name, nesting);
  else if (type === 'test:complete') open.delete(name);
  else if (skip !== undefined || todo !== undefined) {
    const reason = [skip, todo].find((given) => typeof given === 'string') ?? 'no reason given';
    result.skipped.push({ name, reason });
  } else if (isGroup) return;
  else if (type === 'test:pass') result.passed++;
  else {
    result.failed++;
    result.output += `\nFAILED ${sourceOf(event.file) ?? file}: ${name}\n${text}\n`;
  }
}

/** The source of a bundle, or a source itself. */
function sourceOf(file) {
  if (!file) return undefined;
  const relative = path.relative(root, file).replaceAll('\\', '/');
  return relative.replace(/^out\//, '').replace(/\.mjs$/, '.ts');
}

/** Ends a process with those that it has started. */
function end(child) {
  if (child.pid === undefined) return;
  if (IS_WINDOWS) {
    if (child.exitCode === null) spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // None of them is there any more.
  }
}

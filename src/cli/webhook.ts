import { isIP } from 'node:net';
import type { Command } from 'commander';
import type { Endpoint } from '../core/notifications/endpoint.ts';
import { isWebhook } from '../core/notifications/endpoint.ts';
import type { CliContext } from './context.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { judgeAddress, parseAllowList } from '../net/guard.ts';
import { CliError, usageError } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount, findDialect, noSuch } from './shared/lookup.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, pageOf, printPage } from './shared/pages.ts';
import { samples } from './shared/samples.ts';
import { readSecret } from './shared/secret.ts';

interface TopicOptions {
  dialect?: string;
  topic: string;
}

interface SetOptions extends TopicOptions {
  url: string;
  secretStdin?: boolean;
}

/** `parlance webhook …`: where accounts hear of what happens. */
export function addWebhook(program: Command, kit: Kit): void {
  const group = program
    .command('webhook')
    .description('Webhooks: the URLs at which an account’s server is told what happened.');
  addSet(group, kit);
  addList(group, kit);
  addRemove(group, kit);
}

function addSet(group: Command, kit: Kit): void {
  const command = topicOf(group.command('set'), kit.context)
    .description('Set the URL for a topic; one each. What is on its way goes to the new one.')
    .requiredOption('--url <url>', 'http:// or https://')
    .option('--secret-stdin', 'take a signing secret from standard input')
    .action(
      storageAction(kit, async (session, options: SetOptions, name: string) => {
        const account = await findAccount(session, name);
        const dialect = findDialect(session, options.dialect);
        const topic = knownTopic(dialect, options.topic);
        const endpoint = await session.gateway.owner.setEndpoint(account.id, {
          form: dialect.form.name,
          topic,
          url: options.url,
          ...(options.secretStdin && { secret: await readSecret(session) }),
        });
        if (endpoint === null) throw new CliError('The webhook was not set.');
        session.print.result(endpointDocument(endpoint), () => [
          `'${name}' is told of '${topic}' at ${endpoint.url}${endpoint.secret === null ? '' : ', signed'}.`,
        ]);
        const refused = refusedHost(endpoint.url, session.config.webhooks.allow);
        if (refused !== undefined) {
          session.print.remark(
            `But ${refused} is no public address: nothing is sent there unless \`webhooks.allow\` names it (\`serve --demo\` lets this machine through).`,
          );
        }
      }),
    );
  const { dialect: api, topic: sample } = samples(kit.context);
  examples(command, [
    [
      `parlance webhook set shop --dialect ${api} --topic ${sample} --url https://shop.example/sms`,
      'tell the shop',
    ],
    [
      `parlance webhook set shop --dialect ${api} --topic ${sample} --url https://shop.example/sms --secret-stdin < secret.txt`,
      'signed, so that the shop knows who is calling',
    ],
  ]);
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('The webhooks of an account.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name: string) => {
        const account = await findAccount(session, name);
        const held = await session.storage.read.endpoints.ofAccount(account.id);
        printPage(session.print, pageOf(held.filter(isWebhook), options), {
          item: endpointDocument,
          columns: [
            { title: 'API', of: ({ form }) => form },
            { title: 'TOPIC', of: ({ topic }) => topic },
            { title: 'URL', of: ({ url }) => url },
            { title: 'SIGNED', of: ({ secret }) => (secret === null ? 'no' : 'yes') },
            {
              title: 'STOPPED (UTC)',
              of: ({ disabledAt }) => when(disabledAt),
              colour: ({ disabledAt }, paint) =>
                disabledAt === null ? paint.none : paint.doubtful,
            },
          ],
          none: `'${name}' has no webhooks: set one with \`parlance webhook set ${name} --dialect <api>\`.`,
        });
      }),
    );
  examples(command, [
    ['parlance webhook list shop', '“stopped”: its receiver answered 410; set it anew to go on'],
  ]);
}

function addRemove(group: Command, kit: Kit): void {
  const command = topicOf(group.command('remove'), kit.context)
    .description('End a webhook. What was not told yet is given up.')
    .action(
      storageAction(kit, async (session, options: TopicOptions, name: string) => {
        const account = await findAccount(session, name);
        const dialect = findDialect(session, options.dialect);
        const topic = knownTopic(dialect, options.topic);
        const form = dialect.form.name;
        const held = await session.storage.read.endpoints.ofAccount(account.id);
        if (!held.some((one) => one.form === form && one.topic === topic)) {
          throw new CliError(
            `'${name}' has no webhook for '${topic}': see \`parlance webhook list ${name}\`.`,
          );
        }
        await session.gateway.owner.setEndpoint(account.id, { form, topic, url: null });
        session.print.result({ account: name, form, topic, removed: true }, () => [
          `'${name}' is no longer told of '${topic}'.`,
        ]);
      }),
    );
  const { dialect: api, topic: sample } = samples(kit.context);
  examples(command, [
    [`parlance webhook remove shop --dialect ${api} --topic ${sample}`, 'tell it no more'],
  ]);
}

function topicOf(command: Command, { dialects }: CliContext): Command {
  return command
    .argument('<account>', 'its name')
    .option('--dialect <name>', 'in whose words; may be left out where there is only one')
    .requiredOption('--topic <topic>', `what it is told of: ${topicsOf(dialects)}`);
}

/** The host of a URL when it is an address that requests may not go to; names are not looked up. */
function refusedHost(url: string, allow: readonly string[]): string | undefined {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (isIP(address) === 0) return undefined;
  return judgeAddress(address, parseAllowList(allow)).allowed ? undefined : host;
}

/** Each topic once, whichever dialects have it. */
function topicsOf(dialects: readonly Dialect[]): string {
  const names = dialects.flatMap(({ topics }) => topics.map(({ name }) => name));
  return [...new Set(names)].join(', ');
}

function knownTopic({ name, topics }: Dialect, topic: string): string {
  const names = topics.map((one) => one.name);
  if (names.includes(topic)) return topic;
  throw usageError(noSuch(`${name} has no topic '${topic}'`, topic, names));
}

function endpointDocument(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    form: endpoint.form,
    topic: endpoint.topic,
    url: endpoint.url,
    signed: endpoint.secret !== null,
    createdAt: iso(endpoint.createdAt),
    stoppedAt: iso(endpoint.disabledAt),
  };
}

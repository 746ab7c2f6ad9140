import type { Command } from 'commander';
import { Routing } from '../../core/routing/routing.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { conditionsText, costsText, linksText, ruleDocument } from './present.ts';

/** `parlance route list` */
export function addList(group: Command, kit: Kit): void {
  const command = group
    .command('list')
    .description(
      'The rules of the configuration, in order: a message takes the first whose conditions are all met.',
    )
    .action(
      storageAction(kit, async (session) => {
        const { config, print } = session;
        const { routes } = configuredRouting(session);
        const items = config.routes.map((rule, at) => ruleDocument(rule, at + 1));
        print.result({ items, warnings: config.warnings }, () =>
          routes.length === 0
            ? []
            : print.table(routes, [
                { title: 'RULE', of: ({ number }) => number, align: 'right' },
                { title: 'ASKS FOR', of: ({ number }) => conditionsText(ruleAt(session, number)) },
                { title: 'LINKS', of: linksText },
                {
                  title: 'COST OF A PART',
                  of: ({ number }) => costsText(ruleAt(session, number)),
                },
              ]),
        );
        if (routes.length === 0) print.remark('There are no rules: every message is refused.');
        for (const warning of config.warnings) print.remark(`${warning}.`);
      }),
    );
  examples(command, [['parlance route list', 'which rule comes before which']]);
}

/** The routing of the configuration that this command was given. */
export function configuredRouting({ config, gateway }: Session): Routing {
  return new Routing(config.routes, config.links, {
    clock: gateway.delivery.clock,
    patienceMs: config.delivery.failoverAfterSeconds * 1000,
  });
}

/** The rule of this number, as the owner wrote it. */
export function ruleAt({ config }: Pick<Session, 'config'>, number: number) {
  const rule = config.routes[number - 1];
  if (!rule) throw new Error(`there is no rule ${number}`);
  return rule;
}

import type { Command } from 'commander';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { action, configFlags } from './shared/kit.ts';
import { wholeNumber } from './shared/parse.ts';

interface ServeOptions {
  demo?: boolean;
  port?: number;
  roles?: string;
}

/** `parlance serve`: runs the gateway until it is told to stop. */
export function addServe(program: Command, kit: Kit): void {
  const command = program
    .command('serve')
    .summary('Run the gateway.')
    .description('Run the gateway until it is told to stop (Ctrl-C or SIGTERM).')
    .option('--demo', 'with an account for each API, whose credentials are known and printed')
    .option('--port <port>', 'port to listen on; 0 takes any free one', wholeNumber(0, 65535))
    .option('--roles <roles>', 'what this process does, of api,dispatch,notify (default: all)')
    .action(
      action(kit, async ({ context, flags }, { demo, port, roles }: ServeOptions) => {
        const more = { 'http.port': port?.toString(), roles };
        await context.serve(context.config(configFlags(flags, more)), { demo: demo === true });
      }),
    );
  examples(command, [
    ['parlance serve --demo', 'everything on this machine, to try it'],
    ['parlance serve --config /etc/parlance.yaml', 'with settings of your own'],
    ['parlance serve --data /tmp/try --port 0', 'beside another one'],
  ]);
}

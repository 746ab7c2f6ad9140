// The last line that `npm test` prints: `N passed, N failed`, and `, N skipped` when there are any.
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node';

export default class CountReporter implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  onInit(vitest: Vitest): void {
    // Not when the run ends: the other reporters print after it, and then vitest itself.
    if (!vitest.config.watch) process.once('exit', () => this.print());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.passed = this.skipped = 0;
    this.failed = unhandledErrors.length;
    for (const module of modules) this.count(module);
  }

  private count(module: TestModule): void {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') this.passed += 1;
      else if (state === 'failed') this.failed += 1;
      else this.skipped += 1;
    }
    // A file that did not load, a hook that threw: it failed, though no test of it did.
    const groups: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
    this.failed += groups.filter((group) => group.errors().length > 0).length;
  }

  private print(): void {
    if (this.passed + this.failed === 0) process.exitCode ||= 1; // nothing ran: that proves nothing
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
    process.stdout.write(`\n${this.passed} passed, ${this.failed} failed${skipped}\n`);
  }
}

import type { NotificationForm } from '../../src/core/ports/notifier.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { mobilemessage } from '../../src/dialects/mobilemessage/index.ts';

/** A dialect that a test needs for its form alone. */
export function formDialect(form: NotificationForm): Dialect {
  return { ...mobilemessage, name: form.name, form };
}
